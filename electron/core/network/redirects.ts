/** Where a redirect leads, and what may travel along. Pure. */
import { NetworkError } from './failures.ts';

const maxHops = 8;

export const isRedirect = (status: number) => [301, 302, 303, 307, 308].includes(status);

/** Of this computer: plain http is safe there, as nothing leaves it. */
export const isLoopback = (url: URL) => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);

/** An address that may be asked: https, or http to this computer. Throws a NetworkError. */
export function safeUrl(address: string | URL): URL {
  const url = URL.canParse(String(address)) ? new URL(address) : null;
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url))) return url;
  throw new NetworkError(
    'download-refused',
    url ? `${url.protocol}//${url.host} is no safe address.` : `"${address}" is no address.`,
    'Only https is used, or http to this computer.',
  );
}

/**
 * The next address after `visited` (the way so far, the last one answered with `location`).
 * Throws a NetworkError for a circle, for too many hops, and for a step down from https.
 */
export function nextHop(visited: readonly URL[], location: string | undefined): URL {
  const from = visited.at(-1) as URL;
  const refuse = (what: string) =>
    new NetworkError(
      'download-refused',
      `${from.host} redirects ${what}.`,
      'This is a fault of the host or of something in between. Try again later.',
    );
  if (location === undefined || !URL.canParse(location, from.href)) throw refuse('to nowhere');
  const to = safeUrl(new URL(location, from));
  if (from.protocol === 'https:' && to.protocol === 'http:') throw refuse('to an address that is not safe');
  if (visited.some((url) => url.href === to.href)) throw refuse('in a circle');
  if (visited.length > maxHops) throw refuse('without an end');
  return to;
}
