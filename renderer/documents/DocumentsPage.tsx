/** The library of documents, and the one that is open. */
export function DocumentsPage() {
  return <main />;
}
