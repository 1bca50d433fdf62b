/** From bytes to text when nobody says, or somebody lies about, which encoding it is. */
import { isUtf8 } from 'node:buffer';

/** `told`: by the file itself (a meta element, an XML declaration); a byte order mark outweighs it. */
export function decode(bytes: Uint8Array, told?: string): string {
  return decoderFor(bytes, told).decode(bytes);
}

/**
 * What is not UTF-8 and tells nothing is Windows-1252, which contains Latin-1 and has a letter for every byte.
 * UTF-16 without a mark shows itself by zero bytes at every other place.
 */
export function encodingOf(bytes: Uint8Array, told?: string): string {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  const zeros = zeroPlaces(bytes.subarray(0, 4096));
  if (zeros) return zeros;
  const utf8 = isUtf8(bytes);
  // A file that is valid UTF-8 and not plain ASCII is hardly ever anything else, whatever it says.
  if (utf8 && (!told || /^utf-?8$/i.test(told) || bytes.some((byte) => byte > 0x7f))) return 'utf-8';
  return told ?? 'windows-1252';
}

function decoderFor(bytes: Uint8Array, told?: string): TextDecoder {
  const name = encodingOf(bytes, told);
  try {
    return new TextDecoder(name);
  } catch {
    // A name that no one knows is as good as none.
    return new TextDecoder(encodingOf(bytes));
  }
}

function zeroPlaces(head: Uint8Array): string | null {
  const pairs = head.length >> 1;
  if (pairs < 2) return null;
  const zeros = [0, 0];
  for (let i = 0; i < 2 * pairs; i++) if (head[i] === 0) zeros[i & 1] = (zeros[i & 1] as number) + 1;
  const [even, odd] = zeros as [number, number];
  if (odd > 0.4 * pairs && even < 0.05 * pairs) return 'utf-16le';
  if (even > 0.4 * pairs && odd < 0.05 * pairs) return 'utf-16be';
  return null;
}

/** More than a few control characters, or a zero: no text that a person wrote. */
export function isBinary(text: string): boolean {
  const head = text.slice(0, 65_536);
  const controls = head.match(/[\p{Cc}--[\t\n\v\f\r\u0085]]/gv)?.length ?? 0;
  return head.includes('\0') || controls > 2 + head.length / 200;
}
