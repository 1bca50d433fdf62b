/** Our own icons: 16 by 16, drawn with a 1.5 px line in the colour of the text around them. */
const paths = {
  send: 'M8 13V3.5M3.75 7.5 8 3.25l4.25 4.25',
  stop: 'M4.75 4.75h6.5v6.5h-6.5z',
  copy: 'M5.75 5.75V3.5c0-.55.45-1 1-1h5.75c.55 0 1 .45 1 1v5.75c0 .55-.45 1-1 1h-2.25M3.5 5.75h5.75c.55 0 1 .45 1 1v5.75c0 .55-.45 1-1 1H3.5c-.55 0-1-.45-1-1V6.75c0-.55.45-1 1-1Z',
  check: 'm3 8.5 3.25 3.25L13 4.75',
  retry: 'M13 8a5 5 0 1 1-1.5-3.55M13 2.25v2.6h-2.6',
  compose:
    'M8.5 3H4.25C3.3 3 2.5 3.8 2.5 4.75v7c0 .95.8 1.75 1.75 1.75h7c.95 0 1.75-.8 1.75-1.75V7.5M6.5 9.5l.4-1.9 5.35-5.35a1.06 1.06 0 0 1 1.5 1.5L8.4 9.1Z',
  close: 'm4 4 8 8M12 4l-8 8',
  down: 'M8 3v9.5M3.75 8.5 8 12.75l4.25-4.25',
  chevron: 'm6 3.75 4.25 4.25L6 12.25',
  panel: 'M3.5 3h9c.55 0 1 .45 1 1v8c0 .55-.45 1-1 1h-9c-.55 0-1-.45-1-1V4c0-.55.45-1 1-1ZM9.75 3v10',
  sun: 'M8 5.25a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5ZM8 1.5v1.25M8 13.25v1.25M1.5 8h1.25M13.25 8h1.25M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9',
  moon: 'M13.25 9.6A5.6 5.6 0 0 1 6.4 2.75a5.5 5.5 0 1 0 6.85 6.85Z',
  display:
    'M3.25 3h9.5c.4 0 .75.35.75.75v6.5c0 .4-.35.75-.75.75h-9.5a.75.75 0 0 1-.75-.75v-6.5c0-.4.35-.75.75-.75ZM5.75 13.5h4.5',
  warning: 'M8 2.5 14 13H2L8 2.5ZM8 6.5v3M8 11.2v.05',
  info: 'M8 2.25a5.75 5.75 0 1 1 0 11.5 5.75 5.75 0 0 1 0-11.5ZM8 7.5v3.25M8 5.2v.05',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill={name === 'stop' ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={paths[name]} />
    </svg>
  );
}
