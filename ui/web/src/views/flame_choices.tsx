// SPDX-License-Identifier: Apache-2.0
// flame_choices.tsx: what all flame graphs can be asked for: which end is up, frames of libraries, marks, zoom.
import {type ComponentChildren} from 'preact';
import {usePage} from '../context';
import {type FlameNode} from '../flame_tree';
import {Toggle} from '../parts';
import {choose} from '../route';

const kSeparator = '\u001f';
const kTones = 6;

/** The same name has the same colour in every graph. */
export function toneOf(node: FlameNode): string {
  if (!node.isFrame) return 'tone-leaf';
  let hash = 0;
  for (let i = 0; i < node.name.length; ++i) hash = (hash * 31 + node.name.charCodeAt(i)) | 0;
  return `tone-${Math.abs(hash) % kTones}`;
}

export interface FlameChoices {
  weight: string;
  inverted: boolean;
  internal: boolean;
  /** Frames that are to be marked have this in their names. */
  find: string;
  zoom: readonly string[];
  controls: ComponentChildren;
  /** Another choice, of all that there is. */
  set: (changes: Record<string, string>) => void;
  onZoom: (path: string[]) => void;
}

export function useFlameChoices(): FlameChoices {
  const {route} = usePage();
  const {choices} = route;
  const inverted = choices['inverted'] === '1', internal = choices['internal'] === '1', find = choices['find'] ?? '';
  const set = (changes: Record<string, string>) => choose(route, {zoom: '', ...changes}, true);
  const controls = <>
    <Toggle label="Inverted" on={inverted} onChange={(on) => set({inverted: on ? '1' : ''})} />
    <Toggle label="Internal frames" on={internal} onChange={(on) => set({internal: on ? '1' : ''})} />
    <label class="find"><span class="visually-hidden">Mark frames with</span>
      <input type="search" placeholder="Mark frames with…" spellcheck={false} value={find}
             onInput={(event) => choose(route, {find: event.currentTarget.value}, true)} /></label>
  </>;
  return {
    weight: choices['weight'] ?? '', inverted, internal, find, controls, set,
    zoom: choices['zoom'] === undefined ? [] : choices['zoom'].split(kSeparator),
    onZoom: (path) => set({zoom: path.join(kSeparator)}),
  };
}
