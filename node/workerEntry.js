// A worker thread does not inherit tsx (Node 20): it is registered here, where Node does not read TypeScript itself.
// biome-ignore lint/style/noRestrictedImports: what runs this very folder
if (!Reflect.get(process.features, 'typescript')) (await import('tsx/esm/api')).register();
await import(/** @type {string} */ (process.argv[2]));
