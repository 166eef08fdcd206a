import type {Lang} from './i18n';

// What this browser remembers. A browser that refuses storage only forgets.
const key = 'davy.lang';

export function loadLang(): Lang {
  try {
    return localStorage.getItem(key) === 'en' ? 'en' : 'zh';
  } catch {
    return 'zh';
  }
}

export function saveLang(lang: Lang): void {
  try {
    localStorage.setItem(key, lang);
  } catch {
    /* private window */
  }
}
