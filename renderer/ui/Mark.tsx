/** The mark: a llama's head and neck in one line, the line going on flat, as the memory does. */
export function Mark({ size = 56 }: { size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 56 56"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="3"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="M21 12c-1.5-3.5-1.2-6 0-8 2 1.5 3.2 4 3.4 7M24.4 11c3-.6 6 .2 8 2.6l5.6 4c1.6 1.2 1.4 4-.8 4.6-3 .9-6 1-8.6.8M21 12c-3 2-4 5-4 9v17c0 6 3 10 9 10h27" />
      <circle cx="27.5" cy="16.5" r="1.6" fill="var(--accent)" stroke="none" />
    </svg>
  );
}
