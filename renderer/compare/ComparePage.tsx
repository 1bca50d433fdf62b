/** A Llamba beside its twin, measured on this machine. */
export function ComparePage() {
  return <main />;
}
