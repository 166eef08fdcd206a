import {en} from './en';
import {zh} from './zh';

// Chinese is the first language and defines which texts there are; a key that English lacks does not compile.
export type Key = keyof typeof zh;
export type Lang = 'zh' | 'en';
export type Params = Readonly<Record<string, string | number>>;

const dictionaries: Readonly<Record<Lang, Readonly<Record<Key, string>>>> = {zh, en};

export const isKey = (text: string): text is Key => Object.hasOwn(zh, text);

export function t(lang: Lang, key: Key, params?: Params): string {
  const text = dictionaries[lang][key];
  return params ? text.replace(/\{(\w+)\}/g, (all, name: string) => String(params[name] ?? all)) : text;
}

// A configured text in the operator's language, or in the other one where it is missing.
export function pickText(lang: Lang, chinese: string, english: string): string {
  return lang === 'zh' ? chinese || english : english || chinese;
}
