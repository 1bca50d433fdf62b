/** What follows for a reader from measured recall, in one honest sentence. Pure. */
import type { RecallPoint } from '../../shared/documents.ts';

/** So much must be found again before a length counts as one that the model can be trusted with. */
const good = 0.8;

export function recallSentence(points: readonly RecallPoint[]): string {
  const needles = points
    .filter(({ probe, mode, asked }) => probe === 'needle' && mode === 'read-once' && asked > 0)
    .toSorted((a, b) => a.length - b.length);
  const [shortest] = needles;
  const last = needles.at(-1);
  if (!shortest || !last) return 'How well this model remembers was not measured.';
  const firstBad = needles.find(({ right, asked }) => right < good * asked);
  if (!firstBad)
    return `In this model's memory, numbers from ${words(last)} words survived in ${cases(last)}; exact words always stand under Exact quotes.`;
  const lastGood = needles[needles.indexOf(firstBad) - 1];
  const bad = `${words(firstBad)} words ${cases(firstBad)}`;
  const told = lastGood
    ? `a text of ${words(lastGood)} words ${cases(lastGood)}, of ${bad}`
    : `a text of ${bad}`;
  return `In this model's memory numbers do not last: of those in ${told} were found again; look them up under Exact quotes.`;
}

/** English prose has about three words for four tokens. */
const words = ({ length }: RecallPoint) => (Math.round((0.75 * length) / 50) * 50).toLocaleString('en');
const cases = ({ right, asked }: RecallPoint) => `${right} of ${asked}`;
