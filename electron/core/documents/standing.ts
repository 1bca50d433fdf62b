/** Of what a model tells of some pages, the sentences that hold to them. Pure. */
import { wordsOf } from './degenerate.ts';
import { sentencesOf } from './sentences.ts';

/** At least this share of what a sentence tells must stand in the source, as words that begin alike. */
const leastShared = 2 / 3;
const alike = 5;
/** Fewer are a heading, or the number of a list. */
const leastWords = 4;
/** What can be told of any text says nothing of this one. */
const ofAnyText =
  /^(about|account|also|author|book|chapter|contain|content|describ|descript|detail|discuss|docum|following|from|have|includ|information|mention|note|page|paragraph|part|provid|section|sentence|several|some|story|summar|tells?|text|that|their|them|there|these|they|this|those|various|well|were|what|when|where|which|while|with|written)/;

/**
 * Left out are sentences a third of whose telling words begin as none of the source does, that tell nothing, or that name
 * somebody, something or a number that the source does not. Both in one language.
 */
export function standing(text: string, source: string): string {
  const told = toldIn(source);
  return sentencesOf(text)
    .filter((sentence) => sharesEnough(sentence, told.beginnings) && namesOnly(sentence, told))
    .join(' ');
}

/** Whether it names somebody, something or a number that the source does not. */
export const invents = (text: string, source: string): boolean => !namesOnly(text, toldIn(source));

interface Told {
  readonly beginnings: ReadonlySet<string>;
  readonly numbers: ReadonlySet<string>;
  /** It writes so many words with capitals that one makes no name. */
  readonly capitalises: boolean;
}

function toldIn(source: string): Told {
  const words = wordsOf(source);
  return {
    beginnings: new Set(words.map(beginning)),
    numbers: new Set(words.map((word) => numerals.get(word) ?? word)),
    capitalises: capitalises(source),
  };
}

const namesOnly = (text: string, { beginnings, numbers, capitalises }: Told): boolean =>
  (capitalises || namesOf(text).every((name) => beginnings.has(beginning(name)))) &&
  (text.match(/\p{N}+/gu) ?? []).every((number) => numbers.has(number));

/** A model writes "10" where a text has "ten". */
const numerals = new Map(
  'zero one two three four five six seven eight nine ten eleven twelve'
    .split(' ')
    .map((word, number) => [word, String(number)]),
);

/** Where every fifth word and more has a capital, as German nouns have, it makes no name. */
const capitalises = (source: string) => 5 * namesOf(source).length > (source.match(/\p{L}+/gu)?.length ?? 0);

function sharesEnough(sentence: string, beginnings: ReadonlySet<string>): boolean {
  const words = wordsOf(sentence);
  if (words.length < leastWords || /:\s*\p{N}*\W*$/u.test(sentence)) return false;
  const telling = [...new Set(words)].filter((word) => isTelling(word) && !ofAnyText.test(word));
  const shared = telling.filter((word) => beginnings.has(beginning(word))).length;
  return telling.length > 0 && shared >= leastShared * telling.length;
}

const beginning = (word: string) => word.slice(0, alike);

/** Short words are of any text, unless they are numbers or stand for themselves. */
const isTelling = (word: string) =>
  word.length > 3 || /\p{N}|[^\p{Script=Latin}\p{Script=Cyrillic}]/u.test(word);

/** Words with a capital letter behind the first one of a sentence; the first one too where something is somebody's. */
const namesOf = (sentence: string): string[] =>
  (
    sentence.match(
      /(?<=[\p{L}\p{N},;:]["'”’»)]* ["'“‘«(`]*)\p{Lu}[\p{L}\p{M}]+|\p{Lu}[\p{L}\p{M}]+(?=['’]s\b)/gu,
    ) ?? []
  ).map((name) => name.toLowerCase());
