import { createHash } from 'node:crypto';
import { Yaml } from 'cdk8s';

/** Of so many objects, the text is kept. */
const KEPT = 5_000;

/** Has the same content written as YAML once: of a hundred thousand cases, most objects are those of another. */
export function renderOnce(): void {
  const stringify = Yaml.stringify.bind(Yaml);
  const texts = new Map<string, string>();
  Yaml.stringify = (...documents) => {
    const key = createHash('sha1').update(JSON.stringify(documents)).digest('base64');
    const text = texts.get(key) ?? stringify(...documents);
    texts.delete(key);
    texts.set(key, text);
    for (const oldest of texts.keys()) {
      if (texts.size <= KEPT) break;
      texts.delete(oldest);
    }
    return text;
  };
}
