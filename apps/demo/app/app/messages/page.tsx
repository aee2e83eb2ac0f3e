/** The address the original's quick start names: `/app/messages`. */
export { default } from '@/app/messages/page';
