// SPDX-License-Identifier: Apache-2.0
// parts.tsx: small things that many views show.
import {type ComponentChildren} from 'preact';
import {useEffect, useRef, useState} from 'preact/hooks';
import {useLinks, usePage} from './context';
import {type Distribution, kBins} from './groups';
import {duration} from './words';

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // From disk some browsers allow only the old way.
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export function CopyButton({text, children}: {text: () => string; children: ComponentChildren}) {
  const [state, setState] = useState<'' | 'copied' | 'failed'>('');
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  const copy = async () => {
    setState(await copyText(text()) ? 'copied' : 'failed');
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setState(''), 1600);
  };
  return (
    <button type="button" class="button" onClick={copy}>
      {state === '' ? children : state === 'copied' ? 'Copied' : 'Cannot copy here'}
      <span class="visually-hidden" role="status">{state === 'copied' ? 'Copied' : ''}</span>
    </button>
  );
}

export function Badge({tone, children}: {tone: string; children: ComponentChildren}) {
  return <span class={`badge ${tone}`}>{children}</span>;
}

export function TaskLink({task}: {task: number}) {
  const {dump} = usePage();
  const links = useLinks();
  return task === 0 ? <span>a task</span> : <a class="ref" href={links.task(task)}>{dump.taskLabel(task)}</a>;
}

export function ObjectLink({object}: {object: number}) {
  const {dump} = usePage();
  const links = useLinks();
  return object === 0 ? <span>an object that was not recorded</span>
                      : <a class="ref" href={links.object(object)}>{dump.objectLabel(object)}</a>;
}

export function FindingLink({number}: {number: number}) {
  const {dump} = usePage();
  const links = useLinks();
  const finding = dump.finding(number);
  if (finding === undefined) return null;
  return <a class="ref" href={links.finding(number)}>{number} {finding.id}</a>;
}

export function FramePlace({frame}: {frame: number}) {
  const {dump} = usePage();
  if (frame === 0) return null;
  const name = dump.text(dump.frames.function[frame]!), place = dump.text(dump.frames.place[frame]!);
  return (
    <span class="frame-place">
      <span class="function">{name}</span>{place !== '' && place !== name && <span class="place"> {place}</span>}
    </span>
  );
}

/** How waiting times are spread, a bar for each power of ten from microseconds to months. */
export function Histogram({of}: {of: Distribution}) {
  const most = Math.max(...of.bins);
  if (most === 0) return <span class="histogram none" />;
  const width = 5;
  const text = `waiting ${duration(of.least)} to ${duration(of.most)}, median ${duration(of.median)}`;
  return (
    <svg class="histogram" width={kBins * width} height="16" role="img" aria-label={text}>
      <title>{text}</title>
      {of.bins.map((tasks, i) => {
        const height = tasks === 0 ? 1 : Math.max(2, Math.round(Math.sqrt(tasks / most) * 15));
        return <rect key={i} class={tasks === 0 ? 'empty' : ''} x={i * width} y={16 - height} width={width - 1} height={height} />;
      })}
    </svg>
  );
}

export function Bar({part, whole, tone = ''}: {part: number; whole: number; tone?: string}) {
  const share = whole === 0 ? 0 : Math.max(part / whole * 100, 0.5);
  return <span class={`bar ${tone}`} aria-hidden="true"><span style={{width: `${share}%`}} /></span>;
}

/** Label and text side by side. */
export function Facts({facts}: {facts: readonly (readonly [label: string, text: ComponentChildren])[]}) {
  if (facts.length === 0) return null;
  return (
    <dl class="facts">
      {facts.map(([label, text], i) => (
        <div key={i}><dt>{label}</dt><dd>{text}</dd></div>
      ))}
    </dl>
  );
}

export function Select(props: {label: string; value: string; options: readonly (readonly [string, string])[];
                               onChange: (value: string) => void}) {
  return (
    <label class="select">
      <span>{props.label}</span>
      <select value={props.value} onChange={(event) => props.onChange(event.currentTarget.value)}>
        {props.options.map(([value, text]) => <option key={value} value={value}>{text}</option>)}
      </select>
    </label>
  );
}

export function Toggle(props: {label: string; on: boolean; onChange: (on: boolean) => void}) {
  return (
    <label class="toggle">
      <input type="checkbox" checked={props.on} onChange={(event) => props.onChange(event.currentTarget.checked)} />
      <span>{props.label}</span>
    </label>
  );
}

export function Empty({children}: {children: ComponentChildren}) {
  return <p class="empty">{children}</p>;
}
