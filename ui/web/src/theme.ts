// SPDX-License-Identifier: Apache-2.0
// theme.ts: light or dark: as the system has it, or as was chosen here.
import {useEffect, useReducer, useState} from 'preact/hooks';

export type Theme = 'auto' | 'light' | 'dark';
const kThemes: readonly Theme[] = ['auto', 'light', 'dark'];
const kKey = 'stray.theme';

function stored(): Theme {
  try {
    return kThemes.find((theme) => theme === localStorage.getItem(kKey)) ?? 'auto';
  } catch {
    return 'auto';  // from disk, some browsers keep nothing
  }
}

export function useTheme(): [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(stored);
  useEffect(() => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    try {
      localStorage.setItem(kKey, theme);
    } catch {
      // it lasts as long as the page, then
    }
  }, [theme]);
  return [theme, () => setTheme(kThemes[(kThemes.indexOf(theme) + 1) % kThemes.length]!)];
}

/** A number that changes when colours do: for what is drawn on a canvas. */
export function useColourChanges(): number {
  const [changes, count] = useReducer((n: number, _: null) => n + 1, 0);
  useEffect(() => {
    const onChange = () => count(null);
    const observer = new MutationObserver(onChange);
    observer.observe(document.documentElement, {attributeFilter: ['data-theme']});
    const system = matchMedia('(prefers-color-scheme: dark)');
    system.addEventListener('change', onChange);
    return () => {
      observer.disconnect();
      system.removeEventListener('change', onChange);
    };
  }, []);
  return changes;
}
