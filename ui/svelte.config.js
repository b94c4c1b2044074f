// Svelte's own defaults: TypeScript needs nothing more.
export default {};
