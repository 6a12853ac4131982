/** Types of Node.js in the image `node` that are missing in the oldest Node.js version that can run a synthesis. */
declare module 'node:zlib' {
  export function zstdDecompressSync(
    packed: NodeJS.ArrayBufferView,
    options: { maxOutputLength: number; chunkSize: number; params: Readonly<Record<number, number>> },
  ): Buffer;

  namespace constants {
    const ZSTD_d_windowLogMax: number;
  }
}

/** Undocumented methods of Buffer. They are faster than the documented ones. */
interface Buffer<TArrayBuffer extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<TArrayBuffer> {
  latin1Slice(start?: number, end?: number): string;
  utf8Slice(start?: number, end?: number): string;
  latin1Write(text: string, offset?: number, length?: number): number;
}

/** Objects of nginx's JavaScript module: https://nginx.org/en/docs/njs/reference.html */
interface NginxRequest {
  readonly method: string;
  readonly variables: Record<string, string | undefined>;
  readonly headersIn: Readonly<Record<string, string | undefined>>;
  readonly headersOut: Record<string, string>;
  readonly requestBuffer?: Buffer;
  return(status: number, body?: string): void;
}

interface SharedDict<Value> {
  get(key: string): Value | undefined;
  has(key: string): boolean;
  set(key: string, value: Value): void;
  delete(key: string): boolean;
  keys(most?: number): string[];
}

interface SharedNumbers {
  incr(key: string, delta: number, initial: number): number;
}

declare const ngx: {
  readonly shared: {
    readonly jobs: SharedDict<string>;
    readonly refusals: SharedDict<number> & SharedNumbers;
    readonly waiting: SharedNumbers;
  };
  fetch(
    url: string,
    request: { method: string; body: Uint8Array; headers: Readonly<Record<string, string>> },
  ): Promise<{ readonly status: number }>;
};
