import type { Gist, Quote } from '../../electron/shared/contract.ts';
import { Notice } from '../ui/Notice.tsx';
import { Progress } from '../ui/Progress.tsx';
import { count } from '../ui/units.ts';
import { Anchors } from './Anchors.tsx';
import styles from './Ask.module.css';
import type { Asked } from './answers-state.ts';
import { certainty, figuresOf } from './words.ts';

interface AnswerViewProps {
  readonly asked: Asked;
  /** Answers may come from different documents. */
  readonly titled: boolean;
}

/** A question with what came of it: the gist from the model's memory, and apart from it words that stand in the text. */
export function AnswerView({ asked, titled }: AnswerViewProps) {
  const { question, phase, done, total, gists, quotes, answer, error } = asked;
  const busy = phase === 'asking' || phase === 'stopping';
  return (
    <article className={styles.asked} aria-label={question}>
      <p className={styles.question} dir="auto">
        {question}
      </p>
      {error && <Notice tone="danger" message={error.message} hint={error.hint} />}
      {busy && (
        <Progress
          label={
            phase === 'stopping'
              ? 'Stopping…'
              : total > 0
                ? `Asking: ${count(done)} of ${count(total)} parts`
                : 'Asking…'
          }
          done={done}
          total={total}
        />
      )}
      {gists.length > 0 && (
        <section className={styles.gists} aria-label="Gist">
          <h3 className={styles.caption}>
            Gist <small>Said by the model, may be wrong</small>
          </h3>
          {gists.map((gist) => (
            <GistView key={`${gist.document} ${gist.pages[0]?.first}`} gist={gist} titled={titled} />
          ))}
        </section>
      )}
      {phase === 'answered' && gists.length === 0 && (
        <p className={styles.quiet}>The model gives no answer of use.</p>
      )}
      {quotes.length > 0 && (
        <section className={styles.quotes} aria-label="Exact quotes">
          <h3 className={styles.caption}>
            Exact quotes <small>Stand in the text</small>
          </h3>
          {quotes.map((quote, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: they come all at once
            <QuoteView key={i} quote={quote} titled={titled} />
          ))}
        </section>
      )}
      {phase === 'answered' && quotes.length === 0 && (
        <p className={styles.quiet}>No page holds words of the question.</p>
      )}
      {phase === 'stopped' && <p className={styles.quiet}>Stopped.</p>}
      {answer && <p className={styles.figures}>{figuresOf(answer)}</p>}
      <p className="visually-hidden" role="status">
        {answer && `Answered, with ${count(answer.quotes.length)} exact quotes.`}
      </p>
    </article>
  );
}

function GistView({ gist, titled }: { gist: Gist; titled: boolean }) {
  return (
    <div className={styles.gist}>
      <p dir="auto">{gist.text}</p>
      <p className={styles.source}>
        {titled && <span dir="auto">{gist.title}</span>}
        <Anchors document={gist.document} pages={gist.pages} />
        <span>{certainty(gist.uncertainty)}</span>
      </p>
    </div>
  );
}

function QuoteView({ quote, titled }: { quote: Quote; titled: boolean }) {
  const { document, title, page, snippet } = quote;
  const words = snippet.map(({ text }) => text).join('');
  return (
    <figure className={styles.quote}>
      <blockquote dir="auto">
        {'“'}
        {snippet.map(({ text, match }, i) =>
          // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one quotation stay
          match ? <mark key={i}>{text}</mark> : <span key={i}>{text}</span>,
        )}
        {'”'}
      </blockquote>
      <figcaption className={styles.source}>
        {titled && <cite dir="auto">{title}</cite>}
        <Anchors document={document} pages={[{ first: page, last: page }]} words={words} />
      </figcaption>
    </figure>
  );
}
