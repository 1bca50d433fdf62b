import type { AppErrorValue } from '../shared/errors.ts';

/** What happened and what to do next, on standard error. */
export function printError({ code, message, hint }: AppErrorValue): void {
  process.stderr.write(`llamba: ${message} [${code}]\n${hint ? `  ${hint}\n` : ''}`);
}
