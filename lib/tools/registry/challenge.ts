/** An authentication challenge: what a registry accepts in the header `Authorization`. */
export interface Challenge {
  /** Scheme in lower case, such as `basic` or `bearer`. */
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const SCHEME = new RegExp(`(?:^|,)\\s*(${TOKEN})(?:\\s+(?!\\s*=)|\\s*(?=,|$))`, 'g');
const PARAMETER = new RegExp(`(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`, 'g');

/** Parses the header `WWW-Authenticate`, which may contain several challenges. */
export function parseAuthenticationChallenges(header: string): Challenge[] {
  const masked = header.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => `"${'_'.repeat(quoted.length - 2)}"`);
  const starts = [...masked.matchAll(SCHEME)].map(({ 0: text, 1: scheme = '', index }) => ({
    scheme: scheme.toLowerCase(),
    begin: index,
    end: index + text.length,
  }));
  return starts.map(({ scheme, end }, index) => ({
    scheme,
    parameters: parseChallengeParameters(header.slice(end, starts[index + 1]?.begin)),
  }));
}

function parseChallengeParameters(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(PARAMETER)].map(([, name = '', quoted, plain]) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
    ]),
  );
}
