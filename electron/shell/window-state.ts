/** Where the window was, kept in <userData>/window.json. Pure but for the two functions that touch the file. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** Pixels, in the coordinates of all displays together. */
export interface Bounds {
  x: number;
  y: number;
  width: number;
  height: number;
}

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export interface WindowState {
  bounds: Bounds | null;
  maximized: boolean;
  theme: Theme;
}

export const smallest = { width: 720, height: 480 };
export const usual = { width: 1180, height: 800 };
const fresh: WindowState = { bounds: null, maximized: false, theme: 'system' };

const isBounds = (value: unknown): value is Bounds =>
  typeof value === 'object' &&
  value !== null &&
  (['x', 'y', 'width', 'height'] as const).every((key) => Number.isFinite((value as Bounds)[key]));

/** What a file's text says; anything that cannot be read counts as the first start. */
export function parseWindowState(text: string): WindowState {
  let value: Partial<WindowState> | null;
  try {
    value = JSON.parse(text);
  } catch {
    return fresh;
  }
  if (typeof value !== 'object' || value === null) return fresh;
  return {
    bounds: isBounds(value.bounds) ? value.bounds : null,
    maximized: value.maximized === true,
    theme: themes.find((theme) => theme === value.theme) ?? 'system',
  };
}

/** The bounds to open with: not below the smallest size, and null when no display shows a good part of them any more. */
export function visibleBounds(bounds: Bounds | null, displays: readonly Bounds[]): Bounds | null {
  if (!bounds) return null;
  const sized = {
    ...bounds,
    width: Math.max(bounds.width, smallest.width),
    height: Math.max(bounds.height, smallest.height),
  };
  const overlap = (a: number, aSize: number, b: number, bSize: number) =>
    Math.min(a + aSize, b + bSize) - Math.max(a, b);
  const reachable = displays.some(
    (d) =>
      overlap(sized.x, sized.width, d.x, d.width) >= 100 &&
      overlap(sized.y, sized.height, d.y, d.height) >= 100,
  );
  return reachable ? sized : null;
}

export function readWindowState(file: string): WindowState {
  try {
    return parseWindowState(readFileSync(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return fresh;
    throw error;
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  writeFileSync(`${file}.part`, JSON.stringify(state));
  renameSync(`${file}.part`, file);
}
