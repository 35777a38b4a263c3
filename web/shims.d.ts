/** For tools that read .ts files only, such as ESLint; vue-tsc sees each component as it is. */
declare module '*.vue' {
  import type { DefineComponent } from 'vue'

  const component: DefineComponent
  export default component
}
