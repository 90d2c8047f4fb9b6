create or replace trigger answer_sums_up
after insert on gaia.answer
for each row execute function gaia.sum_up_turns();

comment on trigger answer_sums_up on gaia.answer is 'Keeps the summary of the older turns of a conversation.';
