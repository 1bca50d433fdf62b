import { describe, expect, it } from 'vitest';
import { tellingPassage } from '../../../electron/core/documents/salience.ts';
import { invents, standing } from '../../../electron/core/documents/standing.ts';

const source =
  'In the spring of 1871 the harbour of Saltmarsh was given an officer for the tides. A copper cylinder rose and ' +
  'fell with the water, and a pencil drew the curve.';
const stands = (text: string) => standing(text, source) === text;

describe('what is told of some pages', () => {
  it('stands where its words do', () => {
    expect(stands('The document tells of the tides at Saltmarsh, which an officer measured.')).toBe(true);
    expect(stands('In 1871 Saltmarsh got an office for its tides.')).toBe(true);
    expect(standing('海に行った人が帰った。', '昨日、海に行った人が帰った。')).not.toBe('');
  });
  it('does not where it tells what they do not, or what could be told of anything', () => {
    expect(stands('The document is a detailed account of a historic event, detailing its details.')).toBe(
      false,
    );
    expect(stands('This part of the text describes what was written in the document.')).toBe(false);
    expect(stands('A web server runs on top of another server in the cloud.')).toBe(false);
    expect(standing('東京の電車は速い。', '昨日、海に行った人が帰った。')).toBe('');
  });
  it('does not where it says nothing whole', () => {
    expect(standing('5.', source)).toBe('');
    expect(standing('The harbour and the tides of Saltmarsh are: 1.', source)).toBe('');
  });
  it('does not where it names what they do not', () => {
    expect(stands('In the spring of 1872 the harbour was given an officer for the tides.')).toBe(false);
    expect(stands('In spring the harbour of Boston was given an officer for the tides.')).toBe(false);
    expect(stands('Wesley’s harbour was given an officer for the tides.')).toBe(false);
    expect(stands('Saltmarsh’s harbour was given an officer for the tides.')).toBe(true);
    expect(stands('The officer of the harbour drew the curve with `Plotter`.')).toBe(false);
    expect(stands('In spring, Boston harbour was given an officer for the tides.')).toBe(false);
  });
  it('may write a number as a numeral, and nouns as German does', () => {
    expect(invents('The planet has 7 moons.', 'It has seven moons.')).toBe(false);
    expect(invents('The planet has 8 moons.', 'It has seven moons.')).toBe(true);
    const german = 'Im Hafen gab es seit dem Frühjahr einen Beamten für die Gezeiten und einen Bleistift.';
    expect(invents('Der Hafen bekam im Frühling einen Pegel.', german)).toBe(false);
    expect(invents('Im Frühling bekam der Hafen 3 Pegel.', german)).toBe(true);
  });
  it('keeps the sentences that stand, without the others', () => {
    const told =
      'An officer was given to the harbour. He came from London by the tides. A pencil drew the curve.';
    expect(standing(told, source)).toBe('An officer was given to the harbour. A pencil drew the curve.');
  });
});

describe('the most telling passage', () => {
  const filler = 'It was so and then it went on as it had been. '.repeat(8);
  const core = 'The tides of the harbour were measured. Tides in the harbour rose. The harbour had tides. ';
  it('holds the words that the text uses most, in whole sentences', () => {
    const passage = tellingPassage(filler + core + filler, 15);
    expect(passage).toMatch(/harbour.*\.$/);
    expect(passage.split(' ').length).toBeLessThan(32);
  });
  it('is all of a short text, and nothing of none', () => {
    expect(tellingPassage('One sentence here.', 200)).toBe('One sentence here.');
    expect(tellingPassage('', 200)).toBe('');
  });
});
