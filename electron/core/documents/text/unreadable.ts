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
