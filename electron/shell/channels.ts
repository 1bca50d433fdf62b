/** Electron's IPC channel between the preload and main: there is one, and all on it is frames. */
export const channel = 'llamba:frame';
