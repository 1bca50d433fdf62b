import { type KeyboardEvent, type ReactNode, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import styles from './LinePlot.module.css';
import {
  margin,
  nearest,
  type PlotLine,
  type PlotMark,
  type PlotPlan,
  pathOf,
  planPlot,
} from './line-plot.ts';

interface LinePlotProps {
  readonly title: string;
  /** Of the y axis, as it stands above it. */
  readonly unit: { readonly name: string; readonly size: number };
  readonly xName: string;
  /** As the legend has them; the first lies on top. */
  readonly lines: readonly PlotLine[];
  readonly marks?: readonly PlotMark[];
  /** Where something is measured, rising: what the axis names, and what can be stepped through. */
  readonly xs: readonly number[];
  readonly logX?: boolean;
  readonly logY?: boolean;
  /** What the y axis shows at least, such as the whole of a share. */
  readonly reach?: number;
  /** A y value as it stands in the legend, an x value on the axis and in words. */
  readonly format: (y: number) => string;
  readonly short: (x: number) => string;
  readonly inWords: (x: number) => string;
  /** Shown in place of lines that are not there yet. */
  readonly empty: string;
  readonly children?: ReactNode;
}

const height = 232;

/**
 * Lines over a common axis. Its legend tells the values at one x, which the pointer and the arrow keys choose (a slider
 * to assistive technology); where none is chosen it is the last of the first line.
 */
export function LinePlot({ title, unit, lines, xs, format, inWords, ...rest }: LinePlotProps) {
  const id = useId();
  const [chosen, setChosen] = useState<number | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const width = useWidth(frame);
  const { logX = false, logY = false, reach = 0, marks = [] } = rest;
  const plan = useMemo(
    () => planPlot(lines, xs, { logX, logY, unit: unit.size, box: { width, height }, reach }),
    [lines, xs, logX, logY, unit.size, width, reach],
  );
  const [main] = lines;
  const last = xs.findLast((x) => main?.points.some((point) => point.x === x));
  const at = chosen !== null && xs.includes(chosen) ? chosen : (last ?? null);
  const values = lines.map((line) => ({ line, y: line.points.find((point) => point.x === at)?.y }));
  const isEmpty = lines.every((line) => line.points.length === 0);

  function pressed(event: KeyboardEvent) {
    const place = at === null ? -1 : xs.indexOf(at);
    const to = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: xs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    setChosen(xs[Math.max(0, Math.min(xs.length - 1, to))] ?? null);
  }

  return (
    <figure className={styles.figure} aria-labelledby={id} data-plot>
      <figcaption className={styles.caption}>
        <h4 id={id}>{title}</h4>
        <span>{at !== null && !isEmpty && `at ${inWords(at)}`}</span>
      </figcaption>
      <ul className={styles.legend}>
        {values.map(({ line, y }) => (
          <li key={line.key}>
            <Swatch line={line} />
            <span data-name>{line.name}</span>
            {y !== undefined && <b>{format(y)}</b>}
          </li>
        ))}
      </ul>
      <p className={styles.unit} aria-hidden="true" data-unit>
        {unit.name}
        {logY && ' (logarithmic)'}
      </p>
      <div
        ref={frame}
        className={styles.frame}
        role="slider"
        tabIndex={0}
        aria-label={`${title}, ${rest.xName}`}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, xs.length - 1)}
        aria-valuenow={at === null ? 0 : xs.indexOf(at)}
        aria-valuetext={at === null || isEmpty ? rest.empty : spoken(inWords(at), values, format)}
        onKeyDown={pressed}
        onPointerMove={(event) => {
          const left = event.currentTarget.getBoundingClientRect().left;
          setChosen(nearest(xs, event.clientX - left, plan.x));
        }}
        onPointerLeave={() => setChosen(null)}
      >
        <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
          {!isEmpty && <Axes plan={plan} width={width} unit={unit.size} short={rest.short} />}
          {chosen !== null && at !== null && !isEmpty && (
            <path className={styles.chosen} d={`M${plan.x(at)} ${margin.top}V${height - margin.bottom}`} />
          )}
          {lines.toReversed().map((line) => (
            <Line key={line.key} line={line} plan={plan} />
          ))}
          {marks.map((mark) => (
            <Mark key={mark.label} mark={mark} plan={plan} width={width} />
          ))}
        </svg>
        {isEmpty && <p className={styles.empty}>{rest.empty}</p>}
      </div>
      <p className={styles.xName} aria-hidden="true" data-x>
        {rest.xName}
      </p>
      {rest.children}
    </figure>
  );
}

const spoken = (
  x: string,
  values: readonly { line: PlotLine; y: number | undefined }[],
  format: (y: number) => string,
) =>
  `${x}: ${values.flatMap(({ line, y }) => (y === undefined ? [] : [`${line.name} ${format(y)}`])).join(', ')}`;

function useWidth(frame: React.RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const box = frame.current;
    if (!box) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.max(200, Math.round(entry.contentRect.width)));
    });
    observer.observe(box);
    return () => observer.disconnect();
  }, [frame]);
  return width;
}

interface AxesProps {
  readonly plan: PlotPlan;
  readonly width: number;
  readonly unit: number;
  readonly short: (x: number) => string;
}

function Axes({ plan, width, unit, short }: AxesProps) {
  return (
    <g className={styles.axes}>
      {plan.yTicks.map(({ value, at }, i) => (
        <g key={value}>
          <path
            className={i === 0 ? styles.ground : styles.grid}
            d={`M${margin.left} ${Math.round(at) + 0.5}H${width - margin.right}`}
          />
          <text x={margin.left - 8} y={at + 4} textAnchor="end">
            {Number((value / unit).toPrecision(6)).toLocaleString('en')}
          </text>
        </g>
      ))}
      {plan.xTicks.map(({ value, at }) => (
        <text
          key={value}
          x={at}
          y={height - 5}
          textAnchor={at + 3.5 * short(value).length > width ? 'end' : 'middle'}
        >
          {short(value)}
        </text>
      ))}
    </g>
  );
}

function Line({ line, plan }: { line: PlotLine; plan: PlotPlan }) {
  const { x, y } = plan;
  return (
    <g className={`${styles.line} ${styles[line.look]}`} stroke={line.colour} fill={line.colour}>
      <path d={pathOf(line.points, plan)} fill="none" />
      {line.points.map(
        ({ x: at, least, most }) =>
          least !== undefined &&
          most !== undefined &&
          most > least && (
            <path
              key={at}
              className={styles.bar}
              fill="none"
              d={`M${x(at)} ${y(least)}V${y(most)}m-3 0h6M${x(at) - 3} ${y(least)}h6`}
            />
          ),
      )}
      {line.mark &&
        line.points.map((point) => (
          <Dot
            key={point.x}
            shape={line.mark}
            x={x(point.x)}
            y={y(point.y)}
            hollow={line.look === 'dashed'}
          />
        ))}
    </g>
  );
}

interface DotProps {
  readonly shape: PlotLine['mark'];
  readonly x: number;
  readonly y: number;
  readonly hollow: boolean;
}

const Dot = ({ shape, x, y, hollow }: DotProps) => {
  const className = `${styles.dot} ${hollow ? styles.hollow : ''}`;
  return shape === 'dot' ? (
    <circle className={className} cx={x} cy={y} r={3.25} />
  ) : (
    <rect className={className} x={x - 3} y={y - 3} width={6} height={6} />
  );
};

/** A line's picture in the legend. */
function Swatch({ line }: { line: PlotLine }) {
  return (
    <svg width={22} height={12} viewBox="0 0 22 12" aria-hidden="true">
      <g className={`${styles.line} ${styles[line.look]}`} stroke={line.colour} fill={line.colour}>
        <path d="M1 6H21" />
        {line.mark && <Dot shape={line.mark} x={11} y={6} hollow={line.look === 'dashed'} />}
      </g>
    </svg>
  );
}

function Mark({ mark, plan, width }: { mark: PlotMark; plan: PlotPlan; width: number }) {
  const [x, y] = [plan.x(mark.x), plan.y(mark.y)];
  const left = x > width * 0.7;
  return (
    <g className={styles.mark} data-mark>
      <path d={`M${x} ${y + 6}V${height - margin.bottom}`} />
      <circle cx={x} cy={y} r={6} />
      <text
        x={left ? x - 10 : x + 10}
        y={Math.max(margin.top + 4, y - 9)}
        textAnchor={left ? 'end' : 'start'}
      >
        {mark.label}
      </text>
    </g>
  );
}
