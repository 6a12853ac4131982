import { type Challenge, parseAuthenticationChallenges } from './challenge';
import { findRegistryLogin, type RegistryLogin } from './docker-config';
import { registryApiUrl } from './registry-address';
import { type RequestOptions, sendRequest } from './requests';

/** Provides the header `Authorization` for requests to registries, and caches the header of each repository. */
export class RegistryTokens {
  private readonly known = new Map<string, Promise<string>>();
  private readonly logins = new Map<string, Promise<RegistryLogin | undefined>>();

  constructor(private readonly options: RequestOptions) {}

  /**
   * Returns the header `Authorization` for a repository. Requests a token if the registry requires a token.
   * @param header the header `WWW-Authenticate` of the registry's response with status 401
   * @throws Error when the registry requires credentials and Docker's config.json contains none, or when the registry rejects the
   * credentials.
   */
  obtainAuthorizationHeader(registry: string, repository: string, header: string): Promise<string> {
    const key = `${registry} ${repository}`;
    const known =
      this.known.get(key) ??
      this.authorizationHeaderForChallenges(registry, repository, parseAuthenticationChallenges(header));
    this.known.set(key, known);
    return known;
  }

  private async authorizationHeaderForChallenges(
    registry: string,
    repository: string,
    challenges: readonly Challenge[],
  ): Promise<string> {
    const login = await this.findLogin(registry);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer) return `Bearer ${await this.requestToken(registry, repository, bearer, login)}`;
    if (!challenges.some(({ scheme }) => scheme === 'basic')) {
      const schemes = challenges.map(({ scheme }) => scheme).join(', ') || 'no scheme';
      throw new Error(
        `the registry ${registry} requires authentication by ${schemes}; supported: Basic and Bearer`,
      );
    }
    if (!login || !('username' in login))
      throw new Error(`the registry ${registry} requires credentials: run docker login ${registry}`);
    return basicAuthHeader(login.username, login.password);
  }

  /** Finds the credentials for a registry, and caches the result. Returns `undefined` if there are no credentials. */
  private findLogin(registry: string): Promise<RegistryLogin | undefined> {
    const known = this.logins.get(registry) ?? findRegistryLogin(registry);
    this.logins.set(registry, known);
    return known;
  }

  private async requestToken(
    registry: string,
    repository: string,
    { parameters: { realm = '', service, scope = `repository:${repository}:pull` } }: Challenge,
    login: RegistryLogin | undefined,
  ): Promise<string> {
    const url = this.requireTokenUrl(registry, realm);
    const query = new URLSearchParams({ ...(service !== undefined && { service }), scope });
    const { status, body } = await sendRequest(...buildTokenRequest(url, query, login), this.options);
    if (status === 401 || status === 403) {
      throw new Error(
        login
          ? `the token server ${url.host} rejects your credentials for the registry ${registry}: run docker login ${registry}`
          : `the token server ${url.host} requires credentials for the registry ${registry}: run docker login ${registry}`,
      );
    }
    const token = status === 200 ? tryParseToken(body) : undefined;
    if (token === undefined)
      throw new Error(
        `the token server ${url.host} did not return a token for the repository ${repository} of the registry ${registry}: status ${status}; try again later`,
      );
    return token;
  }

  /**
   * Returns the URL of the token server.
   * @throws Error when the URL does not start with `https://`, so that passwords are only sent over TLS. The scheme `http` is
   * allowed if the registry itself is accessed without TLS.
   */
  private requireTokenUrl(registry: string, realm: string): URL {
    const url = URL.canParse(realm) ? new URL(realm) : undefined;
    const isPlain = registryApiUrl(registry, this.options).protocol === 'http:';
    if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isPlain)) return url;
    throw new Error(
      `the token server of the registry ${registry} is ${JSON.stringify(realm)}; allowed: a URL that starts with https://`,
    );
  }
}

const basicAuthHeader = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

function buildTokenRequest(
  url: URL,
  query: URLSearchParams,
  login: RegistryLogin | undefined,
): [URL, RequestInit] {
  if (login && 'refreshToken' in login) {
    query.set('grant_type', 'refresh_token');
    query.set('client_id', 'cdk8s-edge-observability');
    query.set('refresh_token', login.refreshToken);
    return [url, { method: 'POST', body: query }];
  }
  const asked = new URL(url);
  for (const [name, value] of query) asked.searchParams.append(name, value);
  return [
    asked,
    { headers: login ? { authorization: basicAuthHeader(login.username, login.password) } : {} },
  ];
}

function tryParseToken(body: Buffer): string | undefined {
  try {
    const { token, access_token: accessToken } = JSON.parse(body.toString());
    return [token, accessToken].find((one) => typeof one === 'string' && one !== '');
  } catch {
    return undefined;
  }
}
