/** Failures as values: `message` says what happened, `hint` what to do next. They cross every boundary as they are. */
export const errorCodes = [
  'bad-request',
  'model-not-found',
  'model-invalid',
  'tensor-missing',
  'tensor-shape',
  'tokenizer-invalid',
  'session-not-found',
  'turn-not-found',
  'state-not-found',
  'state-mismatch',
  'state-version',
  'state-corrupt',
  'out-of-memory',
  'disk-full',
  'file-unreadable',
  'file-invalid',
  'storage-damaged',
  'busy',
  'cancelled',
  'engine-gone',
  'document-unreadable',
  'document-not-found',
  'port-closed',
  'offline',
  'network-failed',
  'download-refused',
  'download-corrupt',
  'unsupported',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export interface AppErrorValue {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export class AppError extends Error implements AppErrorValue {
  readonly code: ErrorCode;
  readonly hint: string;
  constructor(code: ErrorCode, message: string, hint: string) {
    super(message);
    this.name = 'AppError';
    this.code = code;
    this.hint = hint;
  }
}

/** Any thrown thing as a tagged value; unknown ones become `internal`, keeping their message. */
export function toErrorValue(thrown: unknown): AppErrorValue {
  const value = thrown as Partial<AppErrorValue> | null | undefined;
  if (value && typeof value.message === 'string' && errorCodes.includes(value.code as ErrorCode)) {
    return { code: value.code as ErrorCode, message: value.message, hint: value.hint ?? '' };
  }
  return {
    code: 'internal',
    message: thrown instanceof Error ? thrown.message : String(thrown),
    hint: 'This is a fault of the app. Please report it with what you did.',
  };
}

export function fromErrorValue(value: AppErrorValue): AppError {
  return new AppError(value.code, value.message, value.hint);
}
