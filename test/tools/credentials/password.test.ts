import { CredentialsError } from '../../../lib/tools/credentials/credentials-error';
import { generatePassword, parsePassword } from '../../../lib/tools/credentials/password';

describe('a password that is made', () => {
  test('has 192 random bits, in characters that need no quotes anywhere', () => {
    expect(generatePassword()).toMatch(/^[\w-]{32}$/);
    expect(Buffer.from(generatePassword(), 'base64url')).toHaveLength(24);
  });

  test('is never the same', () => {
    expect(new Set(Array.from({ length: 100 }, generatePassword)).size).toBe(100);
  });
});

describe('a password on standard input', () => {
  const longest = 'x'.repeat(72);

  test.each([
    ['its line ends', 'sixteen letters!\n', 'sixteen letters!'],
    ['its line ends as on Windows', 'sixteen letters!\r\n', 'sixteen letters!'],
    ['its line has no end', 'sixteen letters!', 'sixteen letters!'],
    ['it is as long as bcrypt reads', longest, longest],
    ['it holds quotes, a colon and umlauts', `"q":'${'ü'.repeat(16)}`, `"q":'${'ü'.repeat(16)}`],
  ])('is taken as it is when %s', (_, input, password) => {
    expect(parsePassword(input)).toBe(password);
  });

  test.each([
    ['nothing', '', 'has 0 characters'],
    ['15 characters', 'fifteen letters', 'has 15 characters'],
    ['15 characters of two bytes', 'ü'.repeat(15), 'has 15 characters'],
    ['73 bytes', `${longest}x`, 'has 73 bytes'],
    ['37 characters of two bytes', 'ü'.repeat(37), 'has 74 bytes'],
    ['two lines', 'sixteen letters!\nsixteen letters!\n', 'contains a control character or a second line'],
    ['an empty second line', 'sixteen letters!\n\n', 'ends with white space'],
    ['a tab', 'sixteen\tletters!', 'contains a control character'],
    ['a NUL', 'sixteen\0letters!', 'contains a control character'],
    ['Latin-1', Buffer.from('sixteen l\xe4tters!', 'latin1').toString(), 'is not UTF-8'],
    ['a blank at the end', 'sixteen letters! ', 'starts or ends with white space'],
    ['a blank at the beginning', ' sixteen letters!', 'starts or ends with white space'],
    ['a byte-order mark', '\uFEFFsixteen letters!', 'starts with a byte-order mark'],
  ])('is refused when it is %s, and never shown', (_, input, problem) => {
    expect(() => parsePassword(input)).toThrow(CredentialsError);
    expect(() => parsePassword(input)).toThrow(
      new RegExp(
        `^the password on standard input .*${problem}.*; allowed: one line of at least 16 characters`,
      ),
    );
    expect(() => parsePassword(input)).not.toThrow(/letters|üüü|xxx/);
  });
});
