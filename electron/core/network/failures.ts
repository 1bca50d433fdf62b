/** What goes wrong on the way to a host, and whether asking again can help. */
import { AppError, type ErrorCode } from '../../shared/errors.ts';

export class NetworkError extends AppError {
  /** Another try may succeed; else the same answer would come again. */
  readonly again: boolean;
  /** Not before these ms have passed; null where the host said nothing. */
  readonly afterMs: number | null;
  constructor(code: ErrorCode, message: string, hint: string, again = false, afterMs: number | null = null) {
    super(code, message, hint);
    this.name = 'NetworkError';
    this.again = again;
    this.afterMs = afterMs;
  }
}

export const offlineError = () =>
  new NetworkError(
    'offline',
    'Llamba is set to stay offline.',
    'Turn "Offline" off to fetch something from the network.',
  );

export const stalledError = (host: string) =>
  new NetworkError(
    'network-failed',
    `${host} has stopped sending.`,
    'What was fetched is kept: go on when the network is back.',
    true,
  );

const tlsCodes = /^(CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(GET|VERIFY))|^EPROTO$/;

/** A failed connection as a value. A wrong certificate stays wrong; all else may pass. */
export function connectionError(host: string, error: NodeJS.ErrnoException): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = error.code ?? error.message;
  if (tlsCodes.test(code)) {
    return new NetworkError(
      'network-failed',
      `The connection to ${host} is not safe (${code}).`,
      'Its certificate could not be checked. A proxy or a sign-in page of the network may be in between.',
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new NetworkError(
      'network-failed',
      `${host} was not found.`,
      'Is this computer on the network? Else check the address.',
      true,
    );
  }
  return new NetworkError(
    'network-failed',
    `The connection to ${host} broke (${code}).`,
    'What was fetched is kept: go on when the network is back.',
    true,
  );
}

/** An HTTP status that is no success, as a value. */
export function statusError(
  host: string,
  path: string,
  status: number,
  retryAfter: string | undefined,
  now: number,
): NetworkError {
  if (status === 401 || status === 403) {
    return new NetworkError(
      'download-refused',
      `${host} does not give out ${path} (${status}).`,
      'The repository may ask for an account that has accepted its terms: set its access token.',
    );
  }
  if (status === 404 || status === 410) {
    return new NetworkError(
      'download-refused',
      `${host} has no ${path} (${status}).`,
      'It may have been renamed or withdrawn.',
    );
  }
  const again = status === 408 || status === 429 || status >= 500;
  return new NetworkError(
    again ? 'network-failed' : 'download-refused',
    `${host} answered ${status} for ${path}.`,
    again ? 'The host is busy or unwell: try again later.' : 'The host does not want this request.',
    again,
    again ? retryAfterMs(retryAfter, now) : null,
  );
}

/** `Retry-After` in ms: seconds or an HTTP date (RFC 9110, 10.2.3); null when there is none that can be read. */
export function retryAfterMs(value: string | undefined, now: number): number | null {
  if (value === undefined) return null;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
