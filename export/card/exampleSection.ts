import type { BundleManifest, Example } from '#core/bundle/manifest.ts';

/** Whose the examples are, which their licences ask to be said; '': there are none. */
export function exampleSection({ name, examples }: BundleManifest): string {
  if (!examples) return '';
  const { sounds, pictures } = examples;
  return `## Examples

${sounds.length} sounds and ${pictures.length} pictures to try it with, none of which was in training: \`npx clapper samples --bundle models/${name} --out DIR\`
writes them to a folder.

${credits([...sounds, ...pictures]).join('\n')}`;
}

/** A line for each credit, with the files that it is for. */
export function credits(examples: Example[]): string[] {
  const byCredit = new Map<string, string[]>();
  for (const { file, credit, licence } of examples) {
    const line = [credit, licence].filter(Boolean).join(', ');
    byCredit.set(line, [...(byCredit.get(line) ?? []), `\`${file}\``]);
  }
  return [...byCredit].map(([line, files]) => `- ${files.join(', ')}: ${line}`);
}
