// SPDX-License-Identifier: Apache-2.0
// stack_view.tsx: one stack, frame by frame; frames of libraries are folded until somebody wants them.
import {useState} from 'preact/hooks';
import {usePage} from './context';

const kMostFrames = 60;

interface Line { frame: number; folded: number }

function linesOf(frames: readonly number[], folds: readonly number[], open: boolean): Line[] {
  const lines: Line[] = [];
  const counts = new Map<number, number>();
  for (let i = 0; i + 1 < folds.length; i += 2) counts.set(folds[i]!, folds[i + 1]!);
  for (let at = 0; at < frames.length;) {
    const folded = open ? 0 : counts.get(at) ?? 0;
    lines.push({frame: frames[at]!, folded});
    at += Math.max(folded, 1);
  }
  return lines;
}

export interface StackViewProps { stack: number; cut?: boolean; missing?: boolean; label: string }

export function StackView({stack, cut = false, missing = false, label}: StackViewProps) {
  const {dump} = usePage();
  const [open, setOpen] = useState(false);
  const [all, setAll] = useState(false);
  const frames = dump.stacks.frames[stack] ?? [], folds = dump.stacks.folds[stack] ?? [];
  const lines = linesOf(frames, folds, open);
  const shown = all ? lines : lines.slice(0, kMostFrames);
  const text = (number: number) => dump.text(number);
  return (
    <div class="stack" role="group" aria-label={label}>
      {shown.length > 0 && <ol>
        {shown.map(({frame, folded}, i) => folded > 0 ? (
          <li key={i} class="fold">
            <button type="button" class="quiet" onClick={() => setOpen(true)}>
              {folded === 1 ? '1 internal frame' : `${folded} internal frames`}
            </button>
          </li>
        ) : (
          <li key={i} class={dump.frames.role[frame] === 0 ? 'user' : 'internal'}>
            <span class="function">{text(dump.frames.function[frame]!)}</span>
            {dump.frames.place[frame] !== dump.frames.function[frame] &&
              <span class="place" title={text(dump.frames.file[frame]!) || text(dump.frames.module[frame]!)}>
                {text(dump.frames.place[frame]!)}{dump.frames.inlined[frame] === 1 && ' inlined'}
              </span>}
            {dump.frames.source[frame] !== 0 && <code class="source">{text(dump.frames.source[frame]!)}</code>}
          </li>
        ))}
      </ol>}
      {shown.length < lines.length &&
        <button type="button" class="quiet" onClick={() => setAll(true)}>{lines.length - shown.length} more frames</button>}
      {open && folds.length > 0 &&
        <button type="button" class="quiet" onClick={() => setOpen(false)}>fold internal frames</button>}
      {missing && <p class="lack">{frames.length === 0 ? 'No stack: only the living process could have given it, or the text has none.'
                                                       : 'Callers are not known: only the living process could have told.'}</p>}
      {!missing && frames.length === 0 && <p class="lack">No stack was recorded.</p>}
      {cut && <p class="lack">Deeper frames were not kept.</p>}
    </div>
  );
}
