/** How long to wait before the next try to reach core, in ms: longer each time, never longer than 8 s. */
export const pause = (failures: number) => Math.min(8000, 500 * 2 ** failures);
