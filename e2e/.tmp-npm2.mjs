import { execFileSync, spawn } from 'node:child_process'; import { readFileSync } from 'node:fs'; import { chromium } from 'playwright-core';
let base=/listening on (http:\S+?)"/.exec(readFileSync('/tmp/npmx/dev.log','utf8'))[1];
const token=(u,ttl='1h')=>execFileSync('/tmp/npmx/hereabouts',['token','--user',u,'--data-dir','/tmp/npmx/data','--ttl',ttl]).toString().trim().split('\n').pop();
const t0=Date.now();const log=(...a)=>console.log(((Date.now()-t0)/1000).toFixed(2),...a);
const b=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox']});
const id=t=>JSON.parse(Buffer.from(t.split('.')[1],'base64url')).user_id;
async function open(ctx,u,q=''){const p=await ctx.newPage();p.on('console',m=>{if(['error','warning'].includes(m.type()))log('CONSOLE',u,m.text())});p.on('pageerror',e=>log('PAGEERROR',u,e.message));
 p.ws=0;p.sent=[];p.got=[];p.on('websocket',w=>{p.ws++;w.on('framesent',f=>p.sent.push(f.payload.slice(0,90)));w.on('framereceived',f=>p.got.push(f.payload.slice(0,60)))});
 p.rest=[];p.on('response',r=>{if(r.url().includes('/users/'))p.rest.push(r.status()+' '+r.url().split('/api')[1])});
 await p.goto(base+'/'+q);await p.waitForFunction(()=>window.hb);return p}
const login=(p,u,t=token(u))=>p.evaluate(([t,u,i])=>hb.login({accessToken:t,user:{id:i,username:u}}),[t,u,id(t)]);
const conn=p=>p.waitForFunction(()=>document.querySelector('#status').textContent==='connected');
const sees=(p,n,yes,timeout=20000)=>p.waitForFunction(([n,yes])=>[...document.querySelectorAll('.ha-name')].some(x=>x.textContent===n)===yes,[n,yes],{timeout,polling:10});
const c1=await b.newContext(),c2=await b.newContext();
const a=await open(c1,'linus');await login(a,'linus');await conn(a);
const t1=await open(c2,'ada','?store=local');await login(t1,'ada');await conn(t1);
const t2=await open(c2,'ada','?store=local');await conn(t2);
log('sockets',t1.ws,t2.ws);await sees(a,'Ada Lovelace',true);
let s=Date.now();await Promise.all([t2.evaluate(()=>hb.logout()),sees(a,'Ada Lovelace',false)]);log('logout in follower→gone',Date.now()-s);
await t1.waitForTimeout(300);log(await t1.textContent('.ha-card'),'|',await t2.textContent('.ha-card'));
await login(t1,'ada');await conn(t1);await conn(t2);log('both back, sockets',t1.ws,t2.ws);
s=Date.now();await Promise.all([t1.evaluate(()=>hb.logout()),sees(a,'Ada Lovelace',false)]);log('logout in leader→gone',Date.now()-s);
// expiring token
const e=await open(await b.newContext(),'grace');await login(e,'grace',token('grace','3s'));await conn(e);
await e.waitForFunction(()=>/sign-in/.test(document.querySelector('.ha-card').textContent),null,{timeout:60000});log('expired:',await e.textContent('.ha-card'));
log(e.sent.map(x=>x.slice(0,40)),e.rest);
a.sent.length=0;a.rest.length=0;const g=a.got.length;
await a.waitForTimeout(65000);log('sent in 65 s',a.sent);log('rest',a.rest);log('got',a.got.slice(g).map(x=>x.slice(0,40)));
await b.close();
