import { parseAuthenticationChallenges } from '../../../lib/tools/registry/challenge';

test.each<[string, { scheme: string; parameters: Record<string, string> }[]]>([
  ['Basic realm="a"', [{ scheme: 'basic', parameters: { realm: 'a' } }]],
  ['Negotiate', [{ scheme: 'negotiate', parameters: {} }]],
  [
    'Bearer realm="https://auth.example.com/token",service="r.example.com",scope="repository:a/b:pull,push"',
    [
      {
        scheme: 'bearer',
        parameters: {
          realm: 'https://auth.example.com/token',
          service: 'r.example.com',
          scope: 'repository:a/b:pull,push',
        },
      },
    ],
  ],
  [
    'BEARER Realm = "a, Basic \\"b\\" c" , error=invalid_token',
    [{ scheme: 'bearer', parameters: { realm: 'a, Basic "b" c', error: 'invalid_token' } }],
  ],
  [
    'Negotiate, Basic realm="a", Bearer realm="b"',
    [
      { scheme: 'negotiate', parameters: {} },
      { scheme: 'basic', parameters: { realm: 'a' } },
      { scheme: 'bearer', parameters: { realm: 'b' } },
    ],
  ],
  ['', []],
])('the challenges of %j are read', (header, challenges) => {
  expect(parseAuthenticationChallenges(header)).toEqual(challenges);
});
