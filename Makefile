# The same names as ./dolbom, for habit: `make run`, `make test`. Options: make test ARGS="-k 예약".
VERBS := run test lint bench forms rules tenant demo operator keys clock check migrate backup restore revision lock help
.DEFAULT_GOAL := help
.PHONY: $(VERBS)
$(VERBS):
	@./dolbom $@ $(ARGS)
