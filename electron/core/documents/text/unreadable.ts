/** Why a document cannot be read, as a value for people. */
import { AppError } from '../../../shared/errors.ts';

/** `why` follows "This document cannot be read: ". */
export const unreadable = (why: string, hint: string) =>
  new AppError('document-unreadable', `This document cannot be read: ${why}.`, hint);

export const damaged = (why: string) =>
  unreadable(why, 'It is damaged or incomplete: fetch or save it again.');

export const tooMuch = (what: string) =>
  unreadable(what, 'If it can be trusted, divide it into smaller files and add those.');

export const empty = () =>
  unreadable('it holds no text', 'Check that it is the file you meant; a program may not have saved it yet.');

/** Of a file that could not be opened; `code`: the system's, or EISDIR for what is no plain file. */
export function cannotOpen(path: string, { code = 'unknown' }: NodeJS.ErrnoException): AppError {
  const { why, hint } = refusals[code] ?? { why: code, hint: 'Check that it is there and may be read.' };
  return new AppError('file-unreadable', `${path} cannot be read: ${why}.`, hint);
}

const forbidden = { why: 'you may not read it', hint: 'Change who may read it, or copy it.' };
const refusals: Readonly<Record<string, { why: string; hint: string } | undefined>> = {
  ENOENT: { why: 'it is not there', hint: 'Check its name, and whether its disk is there.' },
  EISDIR: { why: 'it is a folder, or no file', hint: 'Add the files in it.' },
  EACCES: forbidden,
  EPERM: forbidden,
};
