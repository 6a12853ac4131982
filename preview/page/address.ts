import type { Dashboard, Preview } from '../grafana/model';
import { parseMoment, type Range } from '../grafana/time';
import { ALL, type Choices } from '../grafana/variables';

/** State of the page in its URL, in Grafana's format: `/d/edge-node?var-node=edge-1&from=now-1h`. */
export class Address {
  private readonly url = new URL(location.href);

  get uid(): string | undefined {
    return /^\/d\/([\w-]+)/.exec(this.url.pathname)?.[1];
  }

  startOfRange(preview: Preview, dashboard: Dashboard): string {
    return this.get('from') ?? preview.range ?? dashboard.time?.from ?? 'now-6h';
  }

  range(preview: Preview, dashboard: Dashboard): Range {
    const now = Date.now() / 1000;
    return {
      from: parseMoment(this.startOfRange(preview, dashboard), now),
      to: parseMoment(this.get('to') ?? dashboard.time?.to ?? 'now', now),
    };
  }

  refresh(preview: Preview, dashboard: Dashboard): string {
    return this.get('refresh') ?? preview.refresh ?? dashboard.refresh ?? '';
  }

  choices({ templating }: Dashboard): Choices {
    const names = (templating?.list ?? []).map(({ name }) => name);
    return Object.fromEntries(
      names.map((name) => {
        const chosen = this.url.searchParams.getAll(`var-${name}`);
        return [name, chosen.length && !chosen.includes('All') ? chosen : [ALL]];
      }),
    );
  }

  get(name: string): string | null {
    return this.url.searchParams.get(name);
  }

  /** Sets a URL parameter without loading the page again. An empty list removes the parameter. */
  set(name: string, values: readonly string[]): void {
    this.url.searchParams.delete(name);
    for (const value of values) this.url.searchParams.append(name, value);
    history.replaceState(null, '', this.url);
  }

  /** Returns the URL of another dashboard, with the same values of variables and the same time range. */
  urlOf(uid: string): string {
    return `/d/${uid}${this.url.search}`;
  }

  /** Returns the URL parameters of the time range, refresh interval and theme, for a link to another dashboard. */
  get timeParameters(): string {
    const kept = [...this.url.searchParams].filter(([name]) => /^(from|to|refresh|theme)$/.test(name));
    return new URLSearchParams(kept).toString();
  }
}
