/** Texts with planted facts, to see what a model finds again of what it has read. Pure; the same seed, the same text. */

export interface Fact {
  /** As it stands in the text. */
  readonly said: string;
  readonly question: string;
  /** What a right reply holds. */
  readonly answer: string;
}

export interface Probe {
  readonly text: string;
  /** Those that are asked for, spread evenly over the text. */
  readonly facts: readonly Fact[];
}

export type ProbeKind = 'needle' | 'phone-book';

/** About `length` tokens as `count` counts them, with `asked` facts; a phone book ends where its 400 names do. */
export function probeOf(
  kind: ProbeKind,
  length: number,
  asked: number,
  seed: number,
  count: (text: string) => number,
): Probe {
  const random = randomOf(seed);
  return kind === 'needle' ? needles(random, length, asked, count) : phoneBook(random, length, asked, count);
}

/** Odd facts, each in the middle of its stretch of prose. */
function needles(random: Random, length: number, asked: number, count: (text: string) => number): Probe {
  const facts = chosen(random, places, asked).map((place): Fact => {
    const answer = String(digits(random, 5));
    return {
      said: `The secret number of the ${place} is ${answer}.`,
      question: `What is the secret number of the ${place}?`,
      answer,
    };
  });
  let tokens = 0;
  const stretches = facts.map(({ said }, i) => {
    const prose: string[] = [];
    tokens += count(said);
    while (tokens < ((i + 1) * length) / facts.length) {
      const sentence = sentenceOf(random);
      prose.push(sentence);
      tokens += count(` ${sentence}`);
    }
    prose.splice(prose.length >> 1, 0, said);
    return prose.join(' ');
  });
  return { text: stretches.join('\n\n'), facts };
}

/** Nothing but names with numbers, some of which are asked for. */
function phoneBook(random: Random, length: number, asked: number, count: (text: string) => number): Probe {
  const names = chosen(
    random,
    firstNames.flatMap((first) => lastNames.map((last) => `${first} ${last}`)),
    Number.POSITIVE_INFINITY,
  );
  const entries: Fact[] = [];
  let tokens = 0;
  for (const name of names) {
    if (tokens >= length) break;
    const answer = `${digits(random, 3)}-${digits(random, 4)}`;
    const said = `${name}: ${answer}`;
    entries.push({ said, question: `What is the telephone number of ${name}?`, answer });
    tokens += count(`${said}\n`);
  }
  const most = Math.min(asked, entries.length);
  const facts = Array.from(
    { length: most },
    (_, i) => entries[Math.floor(((i + 0.5) * entries.length) / most)],
  );
  return {
    text: entries.map(({ said }) => said).join('\n'),
    facts: facts.filter((fact) => fact !== undefined),
  };
}

interface Random {
  /** In [0, 1). */
  next(): number;
}

/** mulberry32 (public domain, Tommy Ettinger). */
function randomOf(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = state;
      t = Math.imul(t ^ (t >>> 15), t | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}

const pick = <T>({ next }: Random, from: readonly T[]): T => from[Math.floor(next() * from.length)] as T;

/** A number that begins with no 0. */
const digits = ({ next }: Random, count: number) => Math.floor((0.1 + 0.9 * next()) * 10 ** count);

/** Different ones, in an order of chance. */
function chosen<T>({ next }: Random, from: readonly T[], most: number): T[] {
  const left = [...from];
  for (let i = left.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [left[i], left[j]] = [left[j] as T, left[i] as T];
  }
  return left.slice(0, most);
}

function sentenceOf(random: Random): string {
  const person = () => pick(random, people);
  const thing = () => pick(random, things);
  const shapes = [
    () => `In the ${pick(random, times)} the ${person()} ${pick(random, deeds)} the ${thing()}.`,
    () => `The ${thing()} ${pick(random, ways)}, and the ${person()} did not mind.`,
    () => `Nobody knew why the ${person()} ${pick(random, deeds)} a ${thing()} ${pick(random, spots)}.`,
    () => `${pick(random, spots)} there stood a ${thing()} that ${pick(random, ways)}.`,
    () => `When the ${person()} came home, the ${thing()} ${pick(random, ways)}.`,
    () => `It was said that the ${person()} and the ${person()} once ${pick(random, deeds)} the ${thing()}.`,
  ];
  const sentence = pick(random, shapes)();
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

const listOf = (words: string) => words.split(', ');
const places = listOf(
  'harbour, bakery, mill, library, station, chapel, garden, bridge, market, tower, school, inn',
);
const people = listOf(
  'baker, captain, teacher, miller, doctor, gardener, clerk, painter, farmer, widow, porter',
);
const things = listOf(
  'lantern, ladder, basket, carpet, barrel, mirror, kettle, piano, wagon, umbrella, window, clock',
);
const times = listOf('morning, evening, spring, autumn, winter, early summer, afternoon, first week of May');
const deeds = listOf('mended, sold, forgot, carried, painted, borrowed, admired, hid, counted, looked for');
const ways = listOf(
  'stood by the door, smelled of rain, made a low sound, shone in the sun, was covered with dust',
);
const spots = listOf(
  'behind the church, on the hill, near the river, under the old oak, at the end of the street',
);
const firstNames = listOf(
  'Ada, Bruno, Clara, David, Edith, Felix, Greta, Henry, Irene, Jonas, Karla, Louis, Martha, Nils, Olga, Peter, ' +
    'Rosa, Simon, Thea, Victor',
);
const lastNames = listOf(
  'Abel, Brandt, Carver, Dorn, Ekman, Finch, Grant, Holm, Irving, Jansen, Keller, Lund, Moore, Norris, Olsen, ' +
    'Pratt, Quinn, Reed, Stone, Turner',
);
