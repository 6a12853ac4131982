import { compareSync } from 'bcryptjs';
import { CredentialsError } from '../../../lib/tools/credentials/credentials-error';
import {
  createHtpasswdLine,
  parseHtpasswd,
  successorUserName,
  validateUserName,
} from '../../../lib/tools/credentials/htpasswd';

const login = { user: 'edge', password: 'a "quoted" \\ back$lash' };

describe('a line of an htpasswd file', () => {
  test('holds bcrypt as htpasswd writes it, at a cost that a proxy can afford at every request', () => {
    const { text } = createHtpasswdLine(login, 'bcrypt');
    expect(text).toMatch(/^edge:\$2y\$05\$[./A-Za-z0-9]{53}$/);
    expect(compareSync(login.password, text.slice('edge:'.length))).toBe(true);
    expect(compareSync('another', text.slice('edge:'.length))).toBe(false);
  });

  test('has a salt of its own', () => {
    expect(createHtpasswdLine(login, 'bcrypt')).not.toEqual(createHtpasswdLine(login, 'bcrypt'));
  });

  test('holds SHA-1 where nothing else is read', () => {
    // Output of `htpasswd -nbs user password`.
    expect(createHtpasswdLine({ user: 'user', password: 'password' }, 'sha1').text).toBe(
      'user:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=',
    );
  });
});

describe('the name of a user', () => {
  test.each(['edge', 'edge-2', 'a', 'Alice@example.com', "o'hara", 'x'.repeat(80)])('may be %j', (name) => {
    expect(() => validateUserName('--user', name)).not.toThrow();
  });

  test.each(['', 'a b', ' a', 'a\n', 'a\tb', 'a\0', '#a', 'bücher', 'x'.repeat(81)])('is not %j', (name) => {
    expect(() => validateUserName('--user', name)).toThrow(CredentialsError);
    expect(() => validateUserName('--user', name)).toThrow(
      /^--user is ".*"; allowed: 1 to 80 printable ASCII characters without spaces and colons/,
    );
  });

  test('is not shown behind a colon, where people write passwords', () => {
    expect(() => validateUserName('--user', 'edge:hunter2\nhunter2')).toThrow(
      '--user is "edge:***"; allowed:',
    );
  });
});

describe('an htpasswd file', () => {
  const parsed = (file: string) => parseHtpasswd(file, 'the file');

  test.each([
    ['bcrypt', '$2y$05$hzrSVcFsJ4cBjgpJA9K9E.vAZyr/l0iMRgObnmALmux4vkeuN1PjO'],
    ['apr1', '$apr1$ZjTqBB3f$IF9gdYAGlMrs2fuINjHsz.'],
    ['SHA-1', '{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g='],
    ['crypt of old', 'rl.3StKT.4T8M'],
    ['a hash and a remark', '$apr1$ZjTqBB3f$IF9gdYAGlMrs2fuINjHsz.:by hand'],
  ])('may hold %s, and keeps it to the letter', (_, hash) => {
    expect(parsed(`edge:${hash}\n`)).toEqual([{ user: 'edge', text: `edge:${hash}` }]);
  });

  test('keeps comments, and neither empty lines nor ends of lines of Windows', () => {
    expect(parsed('# by hand\r\n\r\na:{SHA}x\r\n')).toEqual([
      { text: '# by hand' },
      { user: 'a', text: 'a:{SHA}x' },
    ]);
  });

  test.each([
    ['no colon', 'edge'],
    ['no user', ':{SHA}x'],
    ['no hash', 'edge:'],
    ['a password in the clear', 'edge:hunter2'],
    ['a control character', 'ed\x07ge:{SHA}x'],
  ])('has no line with %s, and shows nothing of it', (_, line) => {
    expect(() => parsed(`a:{SHA}x\n${line}\n`)).toThrow(
      new CredentialsError('line 2 of the file is not in htpasswd format; allowed: user:hash'),
    );
  });

  test('has one line for each user, since servers read the first', () => {
    expect(() => parsed('a:{SHA}x\nb:{SHA}x\na:{SHA}y\n')).toThrow(
      'user a has several lines in the file: remove all lines of this user except one',
    );
  });
});

describe('the user that takes over', () => {
  test.each<[string[], string]>([
    [['edge'], 'edge-2'],
    [['edge', 'edge-2'], 'edge-3'],
    [['edge-2'], 'edge-3'],
    [['edge-2', 'edge'], 'edge-3'],
    [['edge-9', 'edge-10'], 'edge-11'],
    [['edge-north-1'], 'edge-north-2'],
    [['edge-02'], 'edge-02-2'],
    [['2'], '2-2'],
  ])('of %j is %s', (users, successor) => {
    expect(successorUserName(users, undefined, 'the host')).toBe(successor);
    expect(users).not.toContain(successor);
  });

  test('is that of the one who is named, where there are several', () => {
    expect(successorUserName(['edge', 'alice', 'edge-2'], 'alice', 'the host')).toBe('alice-2');
    expect(successorUserName(['edge', 'alice', 'edge-2'], 'edge', 'the host')).toBe('edge-3');
  });

  test.each<[string, string[], string | undefined, string]>([
    ['there is nobody', [], undefined, 'the host has no user that --rotate can replace'],
    [
      'there are several',
      ['a', 'b'],
      undefined,
      'the host has several users, but --rotate replaces only one user; users: a, b;',
    ],
    ['another one is named', ['a', 'b'], 'c', '--user is c, which is not a user of the host; users: a, b;'],
    ['the name becomes too long', ['x'.repeat(79)], undefined, 'the new user of the host is "xxx'],
  ])('is unknown when %s', (_, users, old, message) => {
    expect(() => successorUserName(users, old, 'the host')).toThrow(CredentialsError);
    expect(() => successorUserName(users, old, 'the host')).toThrow(message);
  });
});
