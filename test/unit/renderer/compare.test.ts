/** The Compare page without a page: what becomes of a run's items, its lines, its files, and the arithmetic of line plots. */
import { describe, expect, test } from 'vitest';
import { speedReadings } from '../../../electron/shared/crossing.ts';
import type { AppErrorValue } from '../../../electron/shared/errors.ts';
import { overlaidRunOf, shownRunOf } from '../../../renderer/compare/compare-state.ts';
import { fileName, toCsv, toJson } from '../../../renderer/compare/export.ts';
import {
  crossingMarks,
  fitsLog,
  limitLines,
  memoryLines,
  paperLines,
  speedLines,
} from '../../../renderer/compare/series.ts';
import { requestInWords, shortCount } from '../../../renderer/compare/words.ts';
import { createAppStore, unready } from '../../../renderer/store.ts';
import {
  between,
  heightAt,
  linearTicks,
  logTicks,
  nearest,
  planPlot,
  spaced,
  xScale,
} from '../../../renderer/ui/line-plot.ts';
import { contextPoint, llamba, measured, runOf, twin } from '../../e2e/compare-shapes.ts';

const run = runOf('a');
const { request } = run;
const error: AppErrorValue = { code: 'busy', message: 'A reply is being written.', hint: 'Stop it.' };

describe('a run in the store', () => {
  test('grows point by point, is paused and goes on, and is shown once it has ended', () => {
    const { getState } = createAppStore();
    const act = getState();
    act.comparisonsRead([], [runOf('old')]);
    act.comparisonBegun(request);
    act.comparisonAdvanced({ type: 'model', model: llamba });
    act.comparisonAdvanced({ type: 'context', model: 'llamba', point: contextPoint(llamba, 256) });
    act.comparisonAdvanced({ type: 'model', model: twin });
    act.comparisonAdvanced({ type: 'context', model: 'twin', point: contextPoint(twin, 256) });
    act.comparisonAdvanced({ type: 'paused', reason: 'Warm.' });
    expect(getState().comparing?.models.map(({ model, contexts }) => [model.id, contexts.length])).toEqual([
      ['llamba', 1],
      ['twin', 1],
    ]);
    expect(getState().comparing?.paused).toBe('Warm.');
    act.comparisonAdvanced({ type: 'resumed' });
    expect(getState().comparing?.paused).toBeNull();
    act.comparisonEnded(run);
    expect(getState().comparing).toBeNull();
    expect(getState().compareRuns?.map(({ id }) => id)).toEqual(['a', 'old']);
    expect(shownRunOf(getState())).toBe(run);
  });

  test('without a figure is not kept: a failure says why, a cancelled one says nothing', () => {
    const { getState } = createAppStore();
    const act = getState();
    act.comparisonBegun(request);
    act.comparisonEnded(runOf('b', { phase: 'failed', models: [], error }));
    expect(getState()).toMatchObject({ comparing: null, comparisonError: error, compareRuns: null });
    act.comparisonBegun(request);
    expect(getState().comparisonError).toBeNull();
    act.comparisonFailed({ ...error, code: 'cancelled' });
    expect(getState().comparisonError).toBeNull();
  });

  test('holds back messages as long as it lasts', () => {
    const { getState } = createAppStore();
    getState().connected();
    getState().engineChanged({ phase: 'ready', model: { name: 'Llamba' } as never });
    expect(unready(getState())).toBeNull();
    getState().comparisonBegun(request);
    expect(unready(getState())).toMatch(/being compared/);
    getState().comparisonFailed(error);
    getState().sideBegun(['llamba', 'twin'], 'Hello');
    expect(unready(getState())).toMatch(/being compared/);
    getState().sideEnded([]);
    expect(unready(getState())).toBeNull();
  });

  test('is never drawn behind itself, and what is removed is neither shown nor behind', () => {
    const { getState } = createAppStore();
    const act = getState();
    act.comparisonsRead([], [runOf('a'), runOf('b')]);
    act.runOverlaid('b');
    expect(overlaidRunOf(getState())?.id).toBe('b');
    act.runShown('b');
    expect(overlaidRunOf(getState())).toBeNull();
    act.runOverlaid('a');
    act.comparisonRemoved('a');
    expect(overlaidRunOf(getState())).toBeNull();
    expect(shownRunOf(getState())?.id).toBe('b');
  });
});

test('two answers grow side by side, each by its own pieces, and end with their results', () => {
  const { getState } = createAppStore();
  const act = getState();
  act.sideBegun(['llamba', 'twin'], 'Hello');
  const figures = { tokens: 1, tokensPerSecond: 30, stateBytes: 5 };
  act.sideAdvanced({ type: 'prefill', model: 'twin', done: 2, total: 9 });
  act.sideAdvanced({ type: 'text', model: 'llamba', text: 'Good ', ...figures });
  act.sideAdvanced({ type: 'text', model: 'llamba', text: 'day', ...figures, tokens: 2 });
  const [first, second] = getState().siding?.answers ?? [];
  expect(first).toMatchObject({ text: 'Good day', tokens: 2, stateBytes: 5, read: null });
  expect(second).toMatchObject({ text: '', read: { done: 2, total: 9 } });
  const result = { model: 'llamba', text: 'Good day.', promptTokens: 9, tokens: 3, ttftMs: 80 };
  act.sideEnded([{ ...result, prefillTokensPerSecond: 1, decodeTokensPerSecond: 2, stateBytes: 6 }]);
  expect(getState().siding).toMatchObject({ phase: 'done', error: null });
  expect(getState().siding?.answers[0]?.text).toBe('Good day.');
});

describe('lines', () => {
  test('the lines cross where the words say, on the line of the first', () => {
    const [mark, ...more] = crossingMarks(run.models, speedReadings);
    expect(more).toEqual([]);
    // 60 / (1 + x / 2,048) is 50 at 410; on straight lines between 256 and 512 a little later.
    expect(mark?.x).toBeGreaterThan(380);
    expect(mark?.x).toBeLessThan(440);
    expect(mark).toMatchObject({ y: 50, label: '420 tokens' });
  });

  test('each model has its points with their spread; memory in use and peak are apart', () => {
    const side = { models: run.models, label: null, look: 'solid' } as const;
    const speed = speedLines(side);
    expect(speed.map(({ name, mark }) => [name, mark])).toEqual([
      ['Llamba-135M', 'dot'],
      ['SmolLM2-135M', 'square'],
    ]);
    expect(speed[1]?.points[4]).toMatchObject({ x: 2048, y: 30, least: 28.5 });
    const memory = memoryLines(side);
    expect(memory.map(({ name, look }) => [name, look])).toEqual([
      ['Llamba-135M', 'solid'],
      ['Llamba-135M, peak', 'dotted'],
      ['SmolLM2-135M', 'solid'],
      ['SmolLM2-135M, peak', 'dotted'],
    ]);
    expect(memory[1]?.points[0]?.y).toBe((memory[0]?.points[0]?.y ?? 0) + 20 * 2 ** 20);
  });

  test('the limit follows from bytes and bandwidth, and is not drawn where that is not known', () => {
    const [flat, falling] = limitLines(run.models, request.contexts, 8e9);
    // 80 MiB of weights and a state of 5 MiB, read and written.
    expect(flat?.points[0]?.y).toBeCloseTo(8e9 / (90 * 2 ** 20));
    expect(flat?.points.at(-1)?.y).toBe(flat?.points[0]?.y);
    expect(falling?.points.at(-1)?.y).toBeCloseTo(8e9 / (144 * 2 ** 20));
    expect(limitLines(run.models, request.contexts, null)).toEqual([]);
  });

  test("the paper's are dashed, under its own name, and never joined to ours", () => {
    for (const line of paperLines('tokensPerSecond')) {
      expect(line.look).toBe('dashed');
      expect(line.name).toMatch(/^paper \(authors' chart\), M3 Pro: /);
      expect(line.points.map(({ x }) => x)).toEqual([0, 10_000, 20_000, 30_000, 40_000]);
    }
  });
});

describe('the arithmetic of line plots', () => {
  test('ticks are round and hold what was measured', () => {
    expect(linearTicks(61)).toEqual([0, 20, 40, 60, 80]);
    expect(linearTicks(100)).toEqual([0, 50, 100]);
    expect(linearTicks(0)).toEqual([0, 0.5, 1]);
    expect(linearTicks(0.3).at(-1)).toBeCloseTo(0.3);
    expect(logTicks(7.8, 95)).toEqual([5, 10, 20, 50, 100]);
    expect(logTicks(0.08, 25.7)).toEqual([0.01, 0.1, 1, 10, 100].map((tick) => expect.closeTo(tick, 12)));
  });

  test('a bent axis gives doublings even steps and 0 a place; a straight one is straight', () => {
    const box = { width: 660 };
    const xs = [0, 256, 512, 1024, 2048, 4096];
    const bent = xScale(xs, true, box);
    expect(bent(0)).toBe(46);
    expect(bent(4096)).toBe(646);
    const [early, late] = [bent(1024) - bent(512), bent(4096) - bent(2048)];
    expect(early / late).toBeGreaterThan(0.75);
    const straight = xScale([1, 2, 4, 8], false, box);
    expect(straight(8) - straight(4)).toBeCloseTo(4 * (straight(2) - straight(1)));
    expect(xScale([5], true, box)(5)).toBe(46);
  });

  test('labels have room, the last one before all others', () => {
    const ticks = spaced([0, 1, 100, 101], (value) => value * 10);
    expect(ticks.map(({ value }) => value)).toEqual([1, 101]);
  });

  test('error bars are inside of the plot', () => {
    const line = { key: 'a', name: 'a', colour: 'red', look: 'solid', mark: 'dot' } as const;
    const points = [{ x: 1, y: 95, least: 90, most: 130 }];
    const box = { width: 300, height: 200 };
    const plan = planPlot([{ ...line, points }], [1], { logX: false, logY: false, unit: 1, box });
    expect(plan.y(130)).toBeGreaterThanOrEqual(12);
    expect(plan.yTicks.at(-1)?.value).toBe(150);
  });

  test('between two points lines are straight in their values', () => {
    expect(between([0, 8])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    const points = [
      { x: 10, y: 0 },
      { x: 20, y: 100 },
    ];
    expect(heightAt(points, 12)).toBe(20);
    expect(heightAt(points, 10)).toBe(0);
    expect(heightAt(points, 9)).toBeNull();
    expect(heightAt(points, 21)).toBeNull();
  });

  test('the nearest measured place is found from a place in px', () => {
    expect(nearest([0, 100, 200], 149, (x) => x)).toBe(100);
    expect(nearest([], 1, (x) => x)).toBeNull();
  });

  test('far contexts are drawn in doublings, near ones as they are', () => {
    expect(fitsLog([0, 256, 4096])).toBe(true);
    expect(fitsLog([1000, 2000, 3000])).toBe(false);
    expect(fitsLog([])).toBe(false);
  });
});

describe('files', () => {
  test('CSV has one row for each point, each with its bytes and where it was measured', () => {
    const [head, ...rows] = toCsv(run).trimEnd().split('\n');
    const columns = head?.split(',') ?? [];
    expect(rows).toHaveLength(20);
    const rowAt = (at: number) => {
      const values = rows[at]?.split(',') ?? [];
      expect(values).toHaveLength(columns.length);
      return Object.fromEntries(columns.map((column, i) => [column, values[i]]));
    };
    expect(rowAt(0)).toMatchObject({
      ...{ model: 'Llamba-135M', measured: 'context', context_tokens: '0', decode_tokens_per_s: '50' },
      ...{ prefill_tokens_per_s: '', weight_bytes: String(100 * 2 ** 20), state_bytes: String(5 * 2 ** 20) },
      ...{ device: 'AMD EPYC', backend: 'cpu', mlx_version: '0.32.4', at: '2026-11-24T12:00:00.000Z' },
    });
    expect(rowAt(9)).toMatchObject({ measured: 'batch', context_tokens: '', sequences: '8' });
    expect(rowAt(15)).toMatchObject({ model: 'SmolLM2-135M', decode_tokens_per_s: '20' });
  });

  test('a name with a comma or a quote stays one value', () => {
    const named = { ...llamba, name: 'Llamba, "mine"' };
    const csv = toCsv({ ...run, models: [{ ...measured(named), batches: [] }] });
    expect(csv.split('\n')[1]).toMatch(/^"Llamba, ""mine""",llamba,context,0,/);
  });

  test('JSON is the run as core has it', () => {
    expect(JSON.parse(toJson(run))).toEqual(run);
  });

  test('the name says when, in local time', () => {
    expect(fileName(run, 'csv')).toMatch(/^llamba-compare-2026-11-2\d-\d{4}\.csv$/);
  });
});

test('words have their units; k is 1,024', () => {
  expect(requestInWords(request)).toBe('Up to 4,096 tokens, each 3 times, up to 8 sequences at once');
  expect(requestInWords({ ...request, repeats: 1, batches: [] })).toBe('Up to 4,096 tokens, measured once');
  expect([0, 256, 1024, 65_536, 10_000].map(shortCount)).toEqual(['0', '256', '1k', '64k', '10,000']);
});
