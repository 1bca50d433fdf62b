/** Documents made by tests, and a core that has them: what is not said is as it mostly is. */
import type {
  Answer,
  Contract,
  DocumentEntry,
  DocumentPage,
  DocumentReading,
  Quote,
  Recall,
  RecallPoint,
  Summary,
} from '../../electron/shared/contract.ts';
import type { Handlers } from '../../electron/shared/rpc.ts';

export const MiB = 2 ** 20;

export const reading = (rest: Partial<DocumentReading> = {}): DocumentReading => ({
  ...{ phase: 'read', pagesRead: [{ first: 1, last: 312 }], chunks: 40, chunksRead: 40 },
  ...{ tokens: 91_000, tokensRead: 91_000, tokensPerSecond: null, secondsLeft: null, error: null },
  ...rest,
});

export const entry = (rest: Partial<DocumentEntry> = {}): DocumentEntry => ({
  ...{ id: 'tides', title: 'A History of Tides', kind: 'pdf', path: '/books/tides.pdf', bytes: 4.1 * MiB },
  ...{ pages: 312, characters: 420_000, notes: [], addedAt: 3, reading: reading(), stateBytes: 200 * MiB },
  ...rest,
});

/** Half read, by now. */
export const halfRead = (rest: Partial<DocumentReading> = {}): DocumentEntry =>
  entry({
    reading: reading({
      ...{ phase: 'running', pagesRead: [{ first: 1, last: 120 }], chunksRead: 16, tokensRead: 36_400 },
      ...{ tokensPerSecond: 402, secondsLeft: 136 },
      ...rest,
    }),
  });

export const german = entry({
  ...{ id: 'schiff', kind: 'docx', pages: 9, bytes: 40_000, stateBytes: 10 * MiB },
  title: 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft und Verwandtes',
  reading: reading({ phase: 'read', pagesRead: [{ first: 1, last: 9 }] }),
});

export const hebrew = entry({
  ...{ id: 'yam', title: 'ספר הים והגאות', kind: 'text', pages: 3, bytes: 9_000, stateBytes: 0 },
  reading: reading({ phase: 'unread', pagesRead: [], chunks: 1, chunksRead: 0, tokensRead: 0 }),
});

const paragraph =
  'The sea rises twice a day where the shore is open to it, and the old pilots knew the hour by the moon. ' +
  'What they did not know was why the second tide came when the moon stood on the other side of the earth.';

/** Page 13 holds what summary, question and key sentence lead to, broken over lines as pages are. */
export const pageOf = (page: number): DocumentPage => ({
  ...{ page, label: page < 5 ? (['i', 'ii', 'iii', 'iv'][page - 1] ?? '') : String(page) },
  text:
    page === 13
      ? `${paragraph}\n\n${paragraph}\n\nIn 1687 Newton named the moon's\npull as the cause of both tides.\n\n${paragraph}`
      : page === 7
        ? ''
        : `Chapter ${page}\n\n${paragraph}\n\n${paragraph}`,
});

export const summary = (rest: Partial<Summary> = {}): Summary => ({
  ...{
    id: 'sum',
    document: 'tides',
    model: 'Llamba-135M',
    at: Date.UTC(2026, 10, 24, 12),
    style: 'key-points',
  },
  ...{ length: 'medium', focus: '', careful: false, language: '', pagesRead: 312, pages: 312, ms: 45_200 },
  sentences: [
    { text: 'Tides are caused by the moon and, less, by the sun.', pages: [{ first: 12, last: 14 }] },
    { text: 'Harbours kept tables of them long before anyone knew why.', pages: [{ first: 40, last: 40 }] },
  ],
  keySentences: [
    {
      text: 'In 1687 Newton named the moon’s pull as the cause of both tides.'.replace('’', "'"),
      pages: [{ first: 12, last: 14 }],
    },
  ],
  notes: [
    { text: 'How the moon pulls.', pages: [{ first: 1, last: 14 }] },
    { text: 'Tables of harbours.', pages: [{ first: 15, last: 44 }] },
  ],
  warnings: [],
  ...rest,
});

export const quote: Quote = {
  ...{ document: 'tides', title: 'A History of Tides', page: 13 },
  snippet: [
    { text: '…In 1687 ', match: false },
    { text: 'Newton', match: true },
    { text: " named the moon's pull as the cause…", match: false },
  ],
};

export const answer = (rest: Partial<Answer> = {}): Answer => ({
  question: 'Who named the cause?',
  gists: [
    {
      ...{ document: 'tides', title: 'A History of Tides', uncertainty: 0.1 },
      ...{ text: 'Newton named it.', pages: [{ first: 12, last: 14 }] },
    },
  ],
  quotes: [quote],
  ...{ ms: 2100, firstTokenMs: 480, chunks: 3, fedTokens: 540, passageTokens: 412 },
  ...rest,
});

const point = (
  probe: RecallPoint['probe'],
  mode: RecallPoint['mode'],
  length: number,
  right: number,
): RecallPoint => ({ probe, mode, length, right, asked: 10 });

export const recall: Recall = {
  ...{
    model: 'double',
    name: 'Llamba-135M',
    at: Date.UTC(2026, 10, 24, 12),
    device: 'Double',
    backend: 'cpu',
  },
  points: [256, 1024, 4096].flatMap((length, i) => [
    point('needle', 'read-once', length, 9 - 3 * i),
    point('needle', 'read-twice', length, 10 - 2 * i),
    point('needle', 'chunks', length, 10 - i),
    point('phone-book', 'read-once', length, 4 - 2 * i),
    point('phone-book', 'read-twice', length, 5 - 2 * i),
    point('phone-book', 'chunks', length, 6 - i),
  ]),
  sentence: 'A number read 1,000 tokens ago is found again in 6 of 10 cases: look it up under Exact quotes.',
};

/** A core with these documents, which answers at once. */
export const library = (...documents: DocumentEntry[]): Partial<Handlers<Contract>> => ({
  'documents.list': async () => ({ documents, stateBytes: 210 * MiB, budgetBytes: 2048 * MiB }),
  'documents.summaries': async () => [],
  'documents.pages': async ({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, i) => pageOf(first + i)),
  'documents.ask': async ({ question }) => answer({ question }),
  'recall.latest': async () => null,
});
