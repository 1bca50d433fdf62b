/** A file of the page's making, saved by the browser's own download. */
export function saveFile(name: string, parts: BlobPart[]): void {
  const address = URL.createObjectURL(new Blob(parts));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The download has begun by the next turn of the event loop; until it has, the address must live.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
