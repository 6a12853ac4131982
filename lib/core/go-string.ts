const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const CODE = String.raw`x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-3][0-7]{2}`;

const quotedStringPattern = (quote: string): RegExp =>
  new RegExp(String.raw`^${quote}(?:[^${quote}\\\n]|\\(?:[abfnrtv\\${quote}]|${CODE}))*${quote}$`);

const FORMS = [quotedStringPattern('"'), quotedStringPattern("'"), /^`[^`]*`$/];

const ESCAPED = new RegExp(String.raw`\\(?:(${CODE})|(.))`, 'g');

/**
 * Returns the value of a Go string literal, as PromQL and LogQL use them. Returns `undefined` if the literal is
 * not terminated or contains an unknown escape.
 */
export function parseGoString(literal: string): string | undefined {
  if (!FORMS.some((form) => form.test(literal))) return undefined;
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner;
  return inner.replace(ESCAPED, (_, code?: string, sign = '') =>
    code ? decodeNumericEscape(code) : (ESCAPES[sign] ?? sign),
  );
}

function decodeNumericEscape(code: string): string {
  const point = /^[xuU]/.test(code) ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8);
  return String.fromCodePoint(Math.min(point, 0x10ffff));
}
