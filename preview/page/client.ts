/**
 * Sends a request to Prometheus or Loki through the preview, and returns the data of the response.
 * @throws Error with the error of the server
 */
export async function requestData<T>(path: string, parameters: Readonly<Record<string, string>>): Promise<T> {
  const response = await fetch(`${path}?${new URLSearchParams(parameters)}`);
  const text = await response.text();
  const body = tryParse(text);
  if (!response.ok || body?.status !== 'success')
    throw new Error(body?.error ?? (text.trim() || `the server responded with status ${response.status}`));
  return body.data as T;
}

interface Body {
  readonly status?: string;
  readonly error?: string;
  readonly data?: unknown;
}

function tryParse(text: string): Body | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
