import { expect, it } from 'vitest';
import { createMetrics } from '../../electron/core/metrics.ts';

const rates = ({
  decodeTokensPerSecond,
  prefillTokensPerSecond,
  ttftMs,
}: ReturnType<ReturnType<typeof createMetrics>['of']>) => ({
  decodeTokensPerSecond,
  prefillTokensPerSecond,
  ttftMs,
});

it('tells the speeds of the reply under way, and of the last one after it', () => {
  const metrics = createMetrics();
  expect(rates(metrics.of(null))).toEqual({
    decodeTokensPerSecond: null,
    prefillTokensPerSecond: null,
    ttftMs: null,
  });
  metrics.rates.prefill(300, 1000);
  metrics.rates.token(1, 1100);
  for (let i = 1; i <= 10; i++) metrics.rates.token(1 + i, 1100 + i * 20);
  expect(rates(metrics.of(null))).toEqual({
    decodeTokensPerSecond: 50,
    prefillTokensPerSecond: 300,
    ttftMs: 1100,
  });
  metrics.rates.idle();
  expect(rates(metrics.of(null)).decodeTokensPerSecond).toBe(50);
  metrics.rates.token(1, 40);
  expect(rates(metrics.of(null)).ttftMs).toBe(40);
});

it('forgets what is more than a second ago', () => {
  const metrics = createMetrics();
  // 100 tokens in the first second, then 10 a second.
  for (let i = 0; i <= 100; i++) metrics.rates.token(i, i * 10);
  for (let i = 1; i <= 30; i++) metrics.rates.token(100 + i, 1000 + i * 100);
  expect(metrics.of(null).decodeTokensPerSecond).toBeCloseTo(10, 5);
});
