/** Electron's IPC channels between the preload and main: there are two, and all else is frames. */
export const channel = { open: 'llamba:open', frame: 'llamba:frame' } as const;
