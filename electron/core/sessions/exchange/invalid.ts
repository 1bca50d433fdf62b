/** The one error of everything that is read in: what is wrong with the file. */
import { AppError } from '../../../shared/errors.ts';

export const invalid = (reason: string): AppError =>
  new AppError(
    'file-invalid',
    `This file cannot be imported: ${reason}.`,
    'Nothing of it was kept. Export the session again, or fetch the file once more.',
  );
