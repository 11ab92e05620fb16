import { chromium } from 'playwright-core';
const base='http://127.0.0.1:8131'; const out='/tmp/shots2';
import fs from 'fs'; fs.mkdirSync(out,{recursive:true});
const browser=await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox']});
async function as(role,size,pages,opts={}){
  const c=await browser.newContext({viewport:size,...opts}); await c.addCookies([{name:'lianxin_lang',value:'zh-Hans',url:base}]);
  const p=await c.newPage(); await p.goto(base+'/login'); await p.click(`button[name=role][value=${role}]`);
  for(const [name,path] of pages){ await p.goto(base+path); await p.waitForTimeout(600); await p.screenshot({path:`${out}/${name}.png`,fullPage:true}); }
  await c.close();
}
const D={width:1440,height:900},P={width:390,height:844};
const list=JSON.parse(process.argv[2]);
for(const [role,size,pages,opts] of list) await as(role,size==='P'?P:D,pages,opts||{});
await browser.close();
