/**
 * Pattern for a UTF-8 character except `/`, as a sequence of bytes. nginx matches bytes. In its UTF-8 mode, nginx
 * would respond to invalid UTF-8 with 500.
 */
const UTF8_CHARACTER = [
  '[\\x20-\\x2e\\x30-\\x7e]',
  '[\\xc2-\\xdf][\\x80-\\xbf]',
  '\\xe0[\\xa0-\\xbf][\\x80-\\xbf]',
  '\\xed[\\x80-\\x9f][\\x80-\\xbf]',
  '[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]{2}',
  '\\xf0[\\x90-\\xbf][\\x80-\\xbf]{2}',
  '[\\xf1-\\xf3][\\x80-\\xbf]{3}',
  '\\xf4[\\x80-\\x8f][\\x80-\\xbf]{2}',
].join('|');

/**
 * Patterns for the first three of the four base64 digits that encode three ASCII bytes. Each of these digits
 * contains the highest bit of one byte. This bit is 0 in ASCII, so not all base64 digits are possible.
 */
const [FIRST, SECOND, THIRD] = ['[A-Za-f]', '[A-HQ-Xg-nw-z0-3]', '[ABEFIJMNQRUVYZcdghklopstwx014589]'];

const ASCII_BASE64 = `(?:${FIRST}${SECOND}${THIRD}[\\w-])*(?:${FIRST}${SECOND}${THIRD}?)?={0,2}`;

const LONGEST_VALUE = 256;

const VALUE = [
  `/(?![^/]{${LONGEST_VALUE + 1}})(?:${UTF8_CHARACTER})+`,
  `@base64/(?![^/]{${2 * LONGEST_VALUE + 1}})${ASCII_BASE64}`,
].join('|');

/**
 * Pattern for a label name, except for reserved names. The pattern does not check for duplicate names, because this
 * check would be slow on long paths, and nginx evaluates the pattern before it checks the password. The push filter
 * refuses duplicate names.
 */
const LABEL = '(?!__|(?:cluster|job|node|pushgateway)[/@])[A-Za-z_]\\w*';

/**
 * Regular expression (PCRE, on bytes) for the path of a push to Pushgateway, such as `/metrics/job/app/instance/a`.
 * The URL prefix is not included. Do not put capture groups in front of the expression, because `(?1)` repeats the
 * first group. For the Pushgateway of exporters, the push filter allows fewer labels than this expression.
 */
export const GROUP_PATH = `/metrics/job(${VALUE})(?:/${LABEL}(?1))*`;

/** Error message for a push to a path that `GROUP_PATH` does not match. */
export const GROUP_PATH_MESSAGE =
  'push to /metrics/job/JOB, optionally followed by /LABEL/VALUE for each further label, such as /instance/a; the labels cluster, job, node and pushgateway are not allowed; ' +
  `a value is UTF-8 text of at most ${LONGEST_VALUE} bytes, or ASCII text that is encoded as base64 in /LABEL@base64/VALUE`;
