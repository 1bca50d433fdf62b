/** Which links may leave the app for the user's browser. */
import { AppError } from '../shared/errors.ts';

/** Hosts that the app itself points to; their subdomains count too. A link in a model's reply can be copied, not opened. */
const hosts = ['huggingface.co', 'arxiv.org', 'github.com'];

/**
 * The normalised address of an allowed link: https, no credentials, default port, a known host. Throws otherwise.
 * What is opened is this result, never the text that was asked for.
 */
export function externalUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const known = url && hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`));
  if (url?.protocol !== 'https:' || url.username || url.password || url.port || !known) {
    throw new AppError(
      'unsupported',
      'This link is not opened from the app.',
      `Copy it into your browser if you trust it. Links to ${hosts.join(', ')} are opened.`,
    );
  }
  return url.href;
}
