//! Plans in the real window: copied, changed, mended, tried out, approved by somebody else, published.

use super::{Desk, Language};

/// HR copies the new-business plan, lets retention count 40 instead of 30, mends what the checker says, sees who wins and
/// loses, has it approved by finance, and publishes it for next quarter; then makes an exception for one person.
pub fn a_plan_is_changed_approved_and_published(language: Language) {
    let mut desk = Desk::open("plan", language);
    desk.sample(language);
    desk.press("rail-incentives");
    desk.press("plan-new-business-2");
    desk.press("plan-copy");
    desk.reads("plan-draft-head", "v3");
    desk.reads("plan-weights-sum", "100%");
    // Zhang San's August stands beside it.
    desk.reads("plan-example", "→");
    desk.picture("copied");
    for weight in ["35", "40"] {
        desk.press("raise-components[2].weight");
        desk.window().wait_text(&Desk::id("field-components[2].weight"), weight).unwrap();
    }
    desk.reads("plan-weights-sum", "110%");
    desk.reads("plan-found", language.pick("1 处需要修改", "1 to mend"));
    desk.reads("plan-finding", "110");
    desk.window().wait(&format!("{}[disabled]", Desk::id("plan-submit"))).unwrap();
    desk.picture("findings");
    for weight in ["35", "30"] {
        desk.press("lower-components[0].weight");
        desk.window().wait_text(&Desk::id("field-components[0].weight"), weight).unwrap();
    }
    desk.reads("plan-weights-sum", "100%");
    desk.reads("plan-checker", language.pick("检查没有发现问题", "The checker finds nothing"));
    desk.reads("plan-meets", language.pick("10月起", "October"));
    desk.reads("plan-changes", "retention_rate");
    desk.picture("mended");

    // The text is the same plan.
    desk.window().press("[data-tab=text]").unwrap();
    desk.window().wait_text(&Desk::id("plan-source"), "weight = 40").unwrap();
    desk.picture("text");
    desk.window().press("[data-tab=what_if]").unwrap();
    desk.reads("plan-cost", "¥");
    desk.reads("plan-who", language.pick("人减少", "lose"));
    desk.fill("plan-budget", language.pick("500万", "5M"));
    desk.reads("plan-cost", "5,000,000.00");
    desk.picture("what-if");
    desk.window().press("[data-tab=form]").unwrap();
    desk.fill("plan-comment", language.pick("留存更重要", "retention matters more"));
    desk.ready("plan-submit");
    desk.press("plan-submit");
    desk.reads("plan-draft-state", language.pick("待批准", "waits for approval"));
    desk.picture("submitted");

    desk.see_as("qian-wei");
    desk.press("rail-today");
    desk.reads("plan-waits-submitted", language.pick("留存更重要", "retention matters more"));
    desk.picture("waits");
    desk.press("plan-open");
    desk.ready("plan-approve");
    desk.picture("approver");
    desk.press("plan-approve");
    desk.reads("plan-draft-state", language.pick("已批准", "approved"));

    desk.see_as("wang-fang");
    desk.press("rail-today");
    desk.reads("plan-waits-approved", language.pick("可以发布", "can be published"));
    desk.press("plan-open");
    desk.ready("plan-publish-draft");
    desk.press("plan-publish-draft");
    desk.reads("plan-effect", language.pick("25 人", "25 people"));
    desk.picture("publish");
    desk.press("plan-publish-confirm");
    desk.reads("plan-new-business-3", language.pick("未生效", "upcoming"));
    desk.picture("published");

    // One person is paid of another base, for a reason that the receipt states.
    desk.press("exception-add");
    desk.pick("exception-person", "li-si");
    desk.fill("exception-base", language.pick("1.2万", "12K"));
    desk.fill("exception-reason", language.pick("借调到项目组", "on loan to a project"));
    desk.ready("exception-save");
    desk.press("exception-save");
    desk.reads("exception-li-si", "¥12,000.00");
    desk.picture("exception");
    desk.close();
}
