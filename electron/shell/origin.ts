/** The app's one origin. Compared parsed, never by prefix: `app://llamba.evil` begins with it too. */
export const scheme = 'app';
export const home = `${scheme}://llamba/`;

export function isOurs(address: string | null): boolean {
  if (address === null || !URL.canParse(address)) return false;
  const { protocol, host } = new URL(address);
  return protocol === `${scheme}:` && host === 'llamba';
}

/** The address of something that one of our pages made itself; it has its page's origin after `blob:`. */
export function isOurBlob(address: string): boolean {
  return address.startsWith('blob:') && isOurs(address.slice('blob:'.length));
}
