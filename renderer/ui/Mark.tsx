/** The mark: a llama's ears, face and long neck in one line; the line goes on flat, as the memory does. */
export function Mark({ size = 64 }: { size?: number }) {
  return (
    <svg
      width={(size * 53.5) / 64}
      height={size}
      viewBox="10.5 0 53.5 64"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="2.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d="M12 60V22c0-4.2 1.4-7.2 4-9.2C14.4 9 14.6 5.6 16 3c2.4 1.8 3.9 4.6 4.3 8.2h2.4c.2-3.4 1.5-6 3.7-7.8 1.6 3 1.6 6.2.4 9.4l8.4 4.4c3.4 1.8 3.2 6.4-.3 7.6-3.2 1-6.6 1.3-10 1.2-1.7 0-2.9 1.2-2.9 3V39c0 5 3 8 8 8h32" />
      <circle cx="23.2" cy="17" r="1.5" fill="var(--accent)" stroke="none" />
    </svg>
  );
}
